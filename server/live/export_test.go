package live

import (
	"mqttlab/mqttcore/spec"
	"mqttlab/server/limits"
)

// Watch is a viewer that has no connection.
func (h *Hub) Watch(l spec.Lang) (leave func()) {
	return h.WatchAs(limits.From("127.0.0.1:1"), l)
}

// WatchAs is Watch for an owner; leave is nil if there is no place.
func (h *Hub) WatchAs(o limits.Owner, l spec.Lang) (leave func()) {
	s := h.join(o, l)
	if s == nil {
		return nil
	}
	return func() { h.leave(o, l, s) }
}
