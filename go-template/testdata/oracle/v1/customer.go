package v1

// Customer is a customer.
type Customer struct {
	Id      string   `json:"id,omitempty"`
	Mail    string   `json:"mail,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Tags    []string `json:"tags,omitempty"`
	Limit   *Limit   `json:"limit,omitempty"`
	Trusted bool     `json:"trusted,omitempty"`
	Contact *Contact `json:"contact,omitempty"`
}

// Basket holds the ordered items.
type Basket struct {
	Id      string   `json:"id,omitempty"`
	Owner   string   `json:"owner,omitempty"`
	Items   []string `json:"items,omitempty"`
	Extras  []string `json:"extras,omitempty"`
	Gifts   []string `json:"gifts,omitempty"`
	Wrapped bool     `json:"wrapped,omitempty"`
}

// Limit is the credit limit of a customer.
type Limit struct {
	Cents   int64   `json:"cents,omitempty"`
	Percent float64 `json:"percent,omitempty"`
}

// Contact says how a customer is reached.
type Contact struct {
	Channel  Contact_Channel `json:"channel,omitempty"`
	Language string          `json:"language,omitempty"`
}
