package pages

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"mqttlab/server/limits"
)

// readJSON reads the one JSON value that a request's body is into v.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	given := r.Header.Get("Content-Type")
	if kind, _, _ := mime.ParseMediaType(given); kind != "application/json" {
		if given == "" {
			return refusal(http.StatusUnsupportedMediaType, "no-type")
		}
		return refusal(http.StatusUnsupportedMediaType, "not-json", "type", strconv.Quote(given))
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limits.BodyBytes))
	if err := d.Decode(v); err != nil {
		return tooLarge(err)
	}
	end := d.InputOffset()
	_, err := d.Token()
	var large *http.MaxBytesError
	switch {
	case err == io.EOF:
		return nil
	case errors.As(err, &large):
		return tooLarge(err)
	}
	return refusal(http.StatusBadRequest, "follows", "at", strconv.FormatInt(end, 10))
}
