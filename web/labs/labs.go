// Package labs holds the labs that come with mqttlab, one folder each. Package
// mqttcore/lab says how they are written, and "mqttlab lab check" whether they
// are right.
package labs

import "embed"

// FS holds the folders.
//
//go:embed */*.md */*.json
var FS embed.FS
