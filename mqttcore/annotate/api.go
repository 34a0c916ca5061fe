package annotate

import (
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Options say what is known about the bytes beforehand.
type Options struct {
	Version packet.Version // 0: found out
	Sender  packet.Party   // 0: not known
	Lang    spec.Lang      // "": English
}
