package live

import "mqttlab/mqttcore/spec"

// Watch is a viewer that has no connection.
func (h *Hub) Watch(l spec.Lang) (leave func()) {
	s := h.join(l)
	return func() { h.leave(l, s) }
}
