package classroom

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"

	"mqttlab/web"
)

// quiet is the blank border that a QR code has, in modules.
const quiet = 4

// QR draws a text as a QR code; the zero QR if it is too long for one.
func QR(text string) web.QR {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return web.QR{}
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && dark(code.At(x+run, y).RGBA()) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	return web.QR{Text: text, Size: size + 2*quiet, Path: path.String()}
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }
