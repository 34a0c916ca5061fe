package e2e
import ("testing";"os";"time")
func TestLook(t *testing.T){
 u:=os.Getenv("LOOK"); if u=="" {return}
 p:=openBrowser(t); p.view(1440,900,os.Getenv("DARK")!=""); p.open(u); time.Sleep(1500*time.Millisecond)
 p.screenshot("/tmp/look-wide.png")
 if os.Getenv("JS")!="" { eval[any](p, os.Getenv("JS")); time.Sleep(800*time.Millisecond); p.screenshot("/tmp/look-wide2.png") }
 p.view(390,844,os.Getenv("DARK")!=""); time.Sleep(700*time.Millisecond); p.screenshot("/tmp/look-phone.png")
}
