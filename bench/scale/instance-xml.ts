import { POD, type ScaleHost } from './fleet.ts';

const LAUNCHED = '2026-11-01T08:00:00.000Z';
const tag = (key: string, value: string) => `<item><key>${key}</key><value>${value}</value></item>`;

/** Tags as a well-kept fleet has them; with these an instance is as large as in the field. */
const tagsOf = ({ tier, instanceId }: ScaleHost) =>
  [
    tag('Name', `web-${instanceId.slice(-6)}.blue.internal.example.com`),
    tag('ntp-pod', POD.name),
    tag('ntp-tier', tier),
    tag('aws:autoscaling:groupName', 'blue-web-20261101080000000000000001'),
    tag('aws:ec2launchtemplate:id', 'lt-0123456789abcdef0'),
    tag('aws:ec2launchtemplate:version', '42'),
    tag('CostCenter', '4711'),
    tag('Owner', 'platform-time@example.com'),
  ].join('');

/** One reservation with one instance, as DescribeInstances tells it: 4.9 KB. */
export function reservationXml(host: ScaleHost): string {
  const { instanceId, az, ipv4, ipv6, number } = host;
  const hex = number.toString(16).padStart(16, '0');
  const dnsName = `ip-${ipv4.replaceAll('.', '-')}.us-west-2.compute.internal`;
  const group = '<item><groupId>sg-0123456789abcdef0</groupId><groupName>blue-web</groupName></item>';
  return (
    `<item><reservationId>r-0${hex}</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item>` +
    `<instanceId>${instanceId}</instanceId><imageId>ami-0123456789abcdef0</imageId>` +
    '<instanceState><code>16</code><name>running</name></instanceState>' +
    `<privateDnsName>${dnsName}</privateDnsName><dnsName/><reason/><keyName>platform</keyName>` +
    `<amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>m7g.large</instanceType><launchTime>${LAUNCHED}</launchTime>` +
    `<placement><availabilityZone>${az}</availabilityZone><availabilityZoneId>usw2-az1</availabilityZoneId><groupName/><tenancy>default</tenancy></placement>` +
    '<monitoring><state>disabled</state></monitoring>' +
    `<subnetId>subnet-0123456789abcdef0</subnetId><vpcId>${POD.vpc}</vpcId><privateIpAddress>${ipv4}</privateIpAddress>` +
    `<sourceDestCheck>true</sourceDestCheck><groupSet>${group}</groupSet><architecture>arm64</architecture>` +
    '<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>' +
    `<ebs><volumeId>vol-0${hex}</volumeId><status>attached</status><attachTime>${LAUNCHED}</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>` +
    `<virtualizationType>hvm</virtualizationType><clientToken>fleet-${hex}-0123-4567-89ab-cdef01234567</clientToken>` +
    `<tagSet>${tagsOf(host)}</tagSet><hypervisor>xen</hypervisor>` +
    `<networkInterfaceSet><item><networkInterfaceId>eni-0${hex}</networkInterfaceId><subnetId>subnet-0123456789abcdef0</subnetId><vpcId>${POD.vpc}</vpcId>` +
    `<description/><ownerId>123456789012</ownerId><status>in-use</status><macAddress>02:00:00:${hex.slice(-6).replace(/(..)(..)(..)/, '$1:$2:$3')}</macAddress>` +
    `<privateIpAddress>${ipv4}</privateIpAddress><privateDnsName>${dnsName}</privateDnsName><sourceDestCheck>true</sourceDestCheck><groupSet>${group}</groupSet>` +
    `<attachment><attachmentId>eni-attach-0${hex}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status><attachTime>${LAUNCHED}</attachTime><deleteOnTermination>true</deleteOnTermination><networkCardIndex>0</networkCardIndex></attachment>` +
    `<privateIpAddressesSet><item><privateIpAddress>${ipv4}</privateIpAddress><privateDnsName>${dnsName}</privateDnsName><primary>true</primary></item></privateIpAddressesSet>` +
    `<ipv6AddressesSet><item><ipv6Address>${ipv6}</ipv6Address><isPrimaryIpv6>false</isPrimaryIpv6></item></ipv6AddressesSet><interfaceType>interface</interfaceType>` +
    '<operator><managed>false</managed></operator></item></networkInterfaceSet>' +
    '<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/blue-web</arn><id>AIPA0123456789ABCDEFG</id></iamInstanceProfile>' +
    '<ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>2</coreCount><threadsPerCore>1</threadsPerCore></cpuOptions>' +
    '<capacityReservationSpecification><capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>' +
    '<hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled></enclaveOptions>' +
    '<metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint><httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>' +
    `<usageOperation>RunInstances</usageOperation><usageOperationUpdateTime>${LAUNCHED}</usageOperationUpdateTime>` +
    '<privateDnsNameOptions><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>false</enableResourceNameDnsARecord><enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptions>' +
    '<platformDetails>Linux/UNIX</platformDetails><maintenanceOptions><autoRecovery>default</autoRecovery><rebootMigration>default</rebootMigration></maintenanceOptions><currentInstanceBootMode>uefi</currentInstanceBootMode><networkPerformanceOptions><bandwidthWeighting>default</bandwidthWeighting></networkPerformanceOptions><operator><managed>false</managed></operator>' +
    '</item></instancesSet></item>'
  );
}
