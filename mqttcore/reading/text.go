package reading

import (
	"strconv"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Text puts an Open, Close or Note into words; it is empty for other Records
// and for a plain file's connection, which is none.
func Text(rec *capture.Record, l spec.Lang) string {
	n := strconv.Itoa(rec.Conn)
	switch {
	case rec.Kind == capture.Note && rec.Code == capture.PickedUp && len(rec.Args) > 1 && rec.Args[1] == "0":
		return spec.Message(l, "capture.note.picked-up.at-once")
	case rec.Kind == capture.Note:
		return spec.Message(l, "capture.note."+string(rec.Code), rec.Args...)
	case rec.Transport == capture.File:
	case rec.Kind == capture.Open:
		return spec.Message(l, "capture.open."+rec.Transport.String(), "n", n)
	case rec.Kind == capture.Close:
		key := "capture.close." + rec.Cause.String()
		if by := rec.From.String(); (rec.Cause == capture.CauseFIN || rec.Cause == capture.CauseRST) && (rec.From == packet.Client || rec.From == packet.Server) {
			key += "." + by
		}
		return spec.Message(l, key, "n", n)
	}
	return ""
}
