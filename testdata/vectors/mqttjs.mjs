// What MQTT.js says to a broker under one version: node mqttjs.mjs PORT 3|4|5.
// record.sh captures it.
import { connectAsync } from 'mqtt'
import { setTimeout as sleep } from 'node:timers/promises'

const [port, level] = process.argv.slice(2).map(Number)
const v5 = level === 5

/** Connects with this version's defaults. */
function open(options = {}) {
  return connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: level,
    protocolId: level === 3 ? 'MQIsdp' : 'MQTT',
    reconnectPeriod: 0,
    ...options,
  }, false)
}

/** Properties are of 5.0 only; undefined elsewhere. */
const props = (properties) => (v5 ? { properties } : {})

/** A request that the broker may refuse; its refusal is what is recorded. */
const tried = (promise) => promise.catch(() => {})

const sub = await open({
  clientId: `js-sub-${level}`, clean: false, keepalive: 2, username: 'ada', password: 'lovelace',
  ...props({ sessionExpiryInterval: 3600, receiveMaximum: 65535, maximumPacketSize: 65536, topicAliasMaximum: 10,
    requestResponseInformation: true, requestProblemInformation: true, userProperties: { one: '1', 'zwei✓': ['2', '二'] } }),
})
await sub.subscribeAsync({
  'js/#': { qos: 2, nl: false, rap: true, rh: 1 },
  'js/+/x': { qos: 1, nl: true, rap: false, rh: 2 },
  '$SYS/broker/version': { qos: 0 },
}, props({ subscriptionIdentifier: 268435455, userProperties: { why: 'test' } }))

const pub = await open({
  clientId: `js-pub-${level}`,
  will: {
    topic: 'js/will', payload: Buffer.from([0, 1, 0xfe, 0xff]), qos: 1, retain: true,
    ...props({ willDelayInterval: 1, payloadFormatIndicator: false, messageExpiryInterval: 4294967295, contentType: 'application/octet-stream',
      responseTopic: 'js/answer', correlationData: Buffer.from([0, 255]), userProperties: { w: 'x' } }),
  },
  ...props({ sessionExpiryInterval: 5 }),
})
for (const qos of [0, 1, 2]) {
  await pub.publishAsync(`js/q${qos}`, `payload ${qos}`, { qos, retain: qos === 1, ...props({
    payloadFormatIndicator: true, messageExpiryInterval: 1 + qos, contentType: 'text/plain', responseTopic: 'js/answer',
    correlationData: Buffer.from('id'), userProperties: { q: String(qos) } }) })
}
if (v5) {
  await pub.publishAsync('js/alias', 'sets it', { qos: 1, properties: { topicAlias: 3 } })
  await pub.publishAsync('', 'uses it', { qos: 1, properties: { topicAlias: 3 } })
  await pub.publishAsync('', 'uses it', { qos: 0, properties: { topicAlias: 3 } })
}
await pub.publishAsync('js/empty', '', { qos: 1 })
await pub.publishAsync('js/long', Buffer.alloc(9000, 'x'), { qos: 2 })
await pub.publishAsync('js/q1', '', { qos: 1, retain: true }) // forget the retained message
await tried(open({ clientId: 'js-anon' }).then(async (anon) => {
  await tried(anon.publishAsync('secret/a', 'x', { qos: 1 }))
  await tried(anon.publishAsync('secret/a', 'x', { qos: 2 }))
  await tried(anon.subscribeAsync('secret/a', { qos: 1 }))
  await anon.endAsync()
}))
await tried(open({ clientId: 'js-bad', username: 'ada', password: 'wrong' }))
await sleep(3200) // a PINGREQ of the subscriber
await sub.unsubscribeAsync(['js/+/x', 'js/never'], props({ userProperties: { un: 'sub' } }))
pub.stream.destroy() // no DISCONNECT: the Will is published
await sleep(2000)
await pub.endAsync(true)
const again = open({ clientId: `js-sub-${level}`, clean: false, username: 'ada', password: 'lovelace' }) // takes the session over
sub.on('error', () => {})
const second = await again
if (v5) {
  await tried(open({ clientId: 'js-auth', properties: { authenticationMethod: 'SCRAM-SHA-1', authenticationData: Buffer.from('n,,n=ada') } }))
  await second.endAsync(false, { reasonCode: 4, properties: { sessionExpiryInterval: 0, reasonString: 'done', userProperties: { bye: 'now' } } })
} else {
  await second.unsubscribeAsync('js/#')
  await second.endAsync()
}
await sub.endAsync(true)
const clean = await open({ clientId: `js-sub-${level}`, clean: true }) // leaves no session behind
await clean.publishAsync('js/will', '', { retain: true })
await clean.endAsync()
