"""Prints frequency, tick and status of the machine's clock: adjtimex(2) with modes 0, which reads and sets nothing."""
import ctypes
import struct

timex = ctypes.create_string_buffer(512)
ctypes.CDLL(None, use_errno=True).adjtimex(timex)
modes, offset, freq, maxerror, esterror, status = struct.unpack_from("@Iqqqqi", timex)
tick = struct.unpack_from("@q", timex, 88)[0]
print(f"offset={offset} freq={freq} status={status} tick={tick}")
