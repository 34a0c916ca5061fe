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
		detail := "The request has no Content-Type."
		if given != "" {
			detail = "The request's Content-Type is " + strconv.Quote(given) + "."
		}
		return &Error{Status: http.StatusUnsupportedMediaType, Title: "This is not JSON", Detail: detail, Mend: "Send Content-Type: application/json."}
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
	return &Error{
		Status: http.StatusBadRequest, Title: "The request could not be read",
		Detail: "Something follows the JSON value, which ends at byte " + strconv.FormatInt(end, 10) + ".",
		Mend:   "Send one JSON object and nothing else.",
	}
}
