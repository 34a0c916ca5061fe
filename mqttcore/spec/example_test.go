package spec_test

import (
	"fmt"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

func ExampleLookup() {
	s, _ := spec.Lookup(packet.V311, "MQTT-3.1.2-24")
	fmt.Println(s.Section, s.Binds, s.Judged)
	fmt.Println(s.Text(spec.English))
	fmt.Println(s.Text(spec.Chinese))
	fmt.Println(s.URL())
	// Output:
	// 3.1.2.10 server connection
	// With a Keep Alive other than 0, a server that hears nothing for one and a half times that period closes the connection as if the network had failed.
	// 保持连接不为 0 时，服务端若在 1.5 倍的时间内没有收到任何报文，就像网络故障一样关闭连接。
	// https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html#_Toc398718030
}

func ExampleField() {
	text, _ := spec.Field(spec.English, packet.FieldKeepAlive.Name(), packet.CONNECT, packet.V311)
	fmt.Println(text.What)
	fmt.Println(text.Mistake)
	// Output:
	// Keep Alive: the longest time, in seconds, that the client may be silent.
	// The server waits one and a half times as long, so 60 means 90 seconds. A ping is needed only when nothing else was sent.
}

func ExampleReasonText() {
	text, _ := spec.ReasonText(spec.English, packet.V5, packet.SUBACK, 0x87)
	fmt.Println(spec.ReasonName(packet.V5, packet.SUBACK, 0x87)+":", text)
	// Output:
	// Not authorized: The client is known but may not do this. Usually a missing entry in the server's access list.
}
