// Package post holds types of another package than the order.
package post

// Delivery describes how an order is delivered. JSON shows zero values, too.
type Delivery struct {
	Carrier  string   `json:"carrier"`
	Note     any      `json:"note"`
	Parcels  int64    `json:"parcels"`
	Stops    int64    `json:"stops"`
	Grams    int64    `json:"grams"`
	Distance float64  `json:"distance"`
	Code     string   `json:"code"`
	Steps    []string `json:"steps"`
}
