package capture

// Held is Bounds for whoever appends, who may ask in the middle of a stretch.
func (l *Log) Held() (first, next uint64) { return l.first, l.next }
