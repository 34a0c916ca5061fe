package study

import (
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/lab"
	"mqttlab/server/bench"
	"mqttlab/server/play"
	"mqttlab/server/shelf"
)

// Start is start for a bench without caps.
func Start(b *bench.Bench, l *shelf.Lab, stage *play.Stage, passed []lab.Passed, keeper Keeper) (*Session, error) {
	return start(b, l, stage, passed, keeper, broker.Config{})
}
