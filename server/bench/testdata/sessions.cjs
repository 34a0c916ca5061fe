// A subscriber that goes and comes back, and a publisher, both MQTT.js: what a
// session keeps, in one version, at one QoS, clean or not. Run by Node and, in
// package e2e, by a page in Chromium.
//
// scenario returns what came: "one" before it went, "two" while it was away,
// "three" after it came back; with the QoS of each and, between them, whether
// there was a session to come back to.
async function scenario(mqtt, url, protocolVersion, qos, clean) {
	const id = `js-${protocolVersion}${qos}${clean ? "c" : "p"}`;
	const got = [];
	const waiting = [];
	const connect = (name, clean, hear) => {
		const options = {
			protocolVersion, clean, clientId: `${id}-${name}`, reconnectPeriod: 0, connectTimeout: 10000,
			protocolId: protocolVersion === 3 ? "MQIsdp" : "MQTT",
			properties: protocolVersion === 5 && !clean ? { sessionExpiryInterval: 60 } : undefined,
		};
		const client = mqtt.connect(url, options);
		client.on("message", (_topic, payload, packet) => {
			got.push(`${packet.qos} ${new TextDecoder().decode(payload)}`);
			for (const check of [...waiting]) check();
		});
		return new Promise((resolve, reject) => {
			client.on("connect", (connack) => {
				if (hear && connack.sessionPresent) got.push("session");
				resolve(client);
			});
			client.on("error", reject);
		});
	};
	const until = (text) => new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error(`${text} does not come; ${got.join(", ")}`)), 10000);
		const check = () => {
			if (!got.includes(text)) return;
			clearTimeout(late);
			resolve();
		};
		waiting.push(check);
		check();
	});
	const topic = `test/${id}`;
	const publisher = await connect("p", true);
	let subscriber = await connect("s", clean, true);
	const granted = await subscriber.subscribeAsync(topic, { qos });
	if (granted[0].qos !== qos) throw new Error(`granted ${granted[0].qos}`);
	await publisher.publishAsync(topic, "one", { qos });
	await until(`${qos} one`);
	await subscriber.endAsync();
	await publisher.publishAsync(topic, "two", { qos });
	await publisher.publishAsync(`${topic}/sync`, "", { qos: 1 }); // acknowledged: the broker has had the one before
	subscriber = await connect("s", clean, true);
	if (clean) await subscriber.subscribeAsync(topic, { qos });
	await publisher.publishAsync(topic, "three", { qos });
	await until(`${qos} three`);
	await subscriber.unsubscribeAsync(topic);
	await subscriber.endAsync();
	await publisher.endAsync();
	return got.join(", ");
}

// every runs it in each version at each QoS, with and without a clean session.
async function every(mqtt, url, versions) {
	const lines = [];
	for (const version of versions) {
		for (const qos of [0, 1, 2]) {
			for (const clean of [true, false]) {
				lines.push(`${version} ${qos} ${clean ? "clean" : "kept"}: ${await scenario(mqtt, url, version, qos, clean)}`);
			}
		}
	}
	return lines.join("\n");
}

if (typeof module !== "undefined") module.exports = { every };
