import { S3Client } from '@aws-sdk/client-s3';
import { REPEATING } from './client-settings.ts';

/** By itself: the function that serves files knows no other service. */
export const s3Client = () => new S3Client(REPEATING);
