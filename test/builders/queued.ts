/** EC2's state change, as EventBridge tells of it. */
export function stateChange(instanceId: string, state: string) {
  return {
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    detail: { 'instance-id': instanceId, state },
  };
}

/** Events as SQS hands them to a function: `message-1` and so on. */
export function queued(...events: unknown[]) {
  return { Records: events.map((event, at) => ({ messageId: `message-${at + 1}`, body: JSON.stringify(event) })) };
}
