package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"mqttlab/server/api"
	"mqttlab/server/classroom"
	"mqttlab/server/limits"
	"mqttlab/server/pages"
)

// behindProxy gives a request that a proxy on this machine passes on the
// address that the proxy saw, which stands last in X-Forwarded-For: what one of
// its users does is not to count for all of them.
func behindProxy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, _ := netip.ParseAddrPort(r.RemoteAddr)
		if said := r.Header.Values("X-Forwarded-For"); len(said) > 0 && at.Addr().IsLoopback() {
			last := said[len(said)-1]
			if from, err := netip.ParseAddr(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])); err == nil {
				r.RemoteAddr = netip.AddrPortFrom(from, 0).String()
			}
		}
		next.ServeHTTP(w, r)
	})
}

// logRequests logs each request at level debug, when it has been answered.
func (s *Server) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.logger.Enabled(r.Context(), slog.LevelDebug) {
			next.ServeHTTP(w, r)
			return
		}
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		began := time.Now()
		next.ServeHTTP(answer, r)
		s.logger.Debug("request", "method", r.Method, "path", r.URL.Path, "status", answer.Status(),
			"bytes", answer.BytesWritten(), "took", time.Since(began), "remote", r.RemoteAddr)
	})
}

// recoverPanics answers a request whose handler panicked. The rest of the
// server goes on.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			s.logger.Error("panic in a request", "method", r.Method, "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
			api.WriteProblem(w, r, api.Internal())
		}()
		next.ServeHTTP(w, r)
	})
}

// checkHost refuses requests under names that are not the server's. A page of
// somebody else's whose name was made to resolve to this machine (DNS
// rebinding) would otherwise count as same-origin.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knownHost(r.Host) {
			api.WriteProblem(w, r, api.Say(http.StatusMisdirectedRequest, "host", "", "host", clip(r.Host)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}

func (s *Server) knownHost(host string) bool {
	if classroom.IsLoopback(host) {
		return true
	}
	name := classroom.Hostname(host)
	if ip := net.ParseIP(name); ip != nil && s.listensOn(ip) {
		return true
	}
	return slices.ContainsFunc(s.cfg.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

// listensOn says whether ip is the address that the operator gave to -http. A
// literal address cannot be rebound, so where the server listens on every
// address each of them will do.
func (s *Server) listensOn(ip net.IP) bool {
	if s.cfg.HTTP == nil {
		return false
	}
	tcp, ok := s.cfg.HTTP.Addr().(*net.TCPAddr)
	return ok && (tcp.IP.IsUnspecified() || tcp.IP.Equal(ip))
}

// contentSecurityPolicy lets a page load its own files and nothing else, and
// run nothing that stands in it.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store") // but what static says of its files
		next.ServeHTTP(w, r)
	})
}

// refuseCrossOrigin refuses requests that change something and come from
// another site's page (CSRF). WebSocket upgrades, which are GETs, are checked
// where they are accepted.
func refuseCrossOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.WriteProblem(w, r, api.CrossOrigin())
	}))
	return protection.Handler(next)
}

// deadline ends the context of a request that takes too long. The live
// stream outlives it on purpose and has its own limits.
func deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timeout := limits.RequestTimeout
		if r.Method == http.MethodPost && (pages.TakesFile(r.URL.Path) || api.TakesFile(r.URL.Path)) || api.GivesFile(r.URL.Path) {
			timeout = limits.UploadTimeout
			end := time.Now().Add(timeout)
			control := http.NewResponseController(w)
			_ = control.SetReadDeadline(end) // a test's recorder has none
			_ = control.SetWriteDeadline(end.Add(time.Second))
		}
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
