//! The data of the tests: orders, as in `testdata/oracle`.
#![expect(missing_docs, reason = "the names of the fields say it all")]

use std::collections::BTreeMap;

use go_template::field;
use go_template::model::{INT, INT32, INT64, IntType, Method, StructType, Type};
use go_template::{DURATION, Data, Duration, Fault, List, Map, Template, Time, Value, json};
use serde_json::json;

/// The names of the orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderName {
    /// Everything, three levels deep.
    Full,
    /// `Full` with a list as the note of the delivery.
    Listed,
    /// A customer and a basket with nothing but ids.
    Plain,
    /// `Plain` at another offset from UTC.
    Zoned,
    /// Only nil pointers.
    Flat,
    /// Zero values.
    Zero,
}

impl OrderName {
    /// All orders.
    pub const ALL: [OrderName; 6] = [
        OrderName::Full,
        OrderName::Listed,
        OrderName::Plain,
        OrderName::Zoned,
        OrderName::Flat,
        OrderName::Zero,
    ];
}

#[derive(Clone, Debug, Default)]
pub struct Order {
    pub title: String,
    pub status: i64,
    pub customer: Option<Customer>,
    pub basket: Option<Basket>,
    pub code: String,
    pub delivery: Option<Delivery>,
    pub placed: Time,
    pub wait: i64,
    pub note: String,
    pub labels: BTreeMap<String, String>,
    pub tries: i64,
    pub source: String,
    pub reference: String,
}

#[derive(Clone, Debug, Default)]
pub struct Customer {
    pub id: String,
    pub mail: String,
    pub phone: String,
    pub tags: Vec<String>,
    pub limit: Option<Limit>,
    pub trusted: bool,
    pub contact: Option<Contact>,
}

#[derive(Clone, Debug, Default)]
pub struct Basket {
    pub id: String,
    pub owner: String,
    pub items: Vec<String>,
    pub extras: Vec<String>,
    pub gifts: Vec<String>,
    pub wrapped: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Limit {
    pub cents: i64,
    pub percent: f64,
}

#[derive(Clone, Debug, Default)]
pub struct Contact {
    pub channel: i64,
    pub language: String,
}

#[derive(Clone, Debug, Default)]
pub struct Delivery {
    pub carrier: String,
    pub note: serde_json::Value,
    pub parcels: i64,
    pub stops: i64,
    pub grams: i64,
    pub distance: f64,
    pub code: String,
    pub steps: Vec<String>,
}

const STR: Type = Type::Str;
const LONG: Type = Type::Int(&INT64);

/// A field that JSON shows even if it is zero.
macro_rules! always {
    ($($field:tt)*) => { field!($($field)*).always() };
}

fn text(text: &str) -> Value<'_> {
    Value::from(text)
}

fn list(items: &[String]) -> Value<'_> {
    Value::List(List::strings(items))
}

/// The type of the dot.
pub static ORDER: StructType = StructType::new(
    "shop.Order",
    "the order",
    &[
        always!(Order, "Title", "Title", STR, o => text(&o.title)),
        always!(Order, "Status", "Status", Type::Int(&STATUS), o => Value::Int(o.status, &STATUS)),
        always!(Order, "Customer", "Customer", Type::Pointer(&CUSTOMER), o => {
            Value::pointer(&CUSTOMER, o.customer.as_ref())
        }),
        always!(Order, "Basket", "Basket", Type::Pointer(&BASKET), o => {
            Value::pointer(&BASKET, o.basket.as_ref())
        }),
        always!(Order, "Code", "Code", STR, o => text(&o.code)),
        always!(Order, "Delivery", "Delivery", Type::Pointer(&DELIVERY), o => {
            Value::pointer(&DELIVERY, o.delivery.as_ref())
        }),
        always!(Order, "Placed", "Placed", Type::Time, o => Value::Time(o.placed)),
        always!(Order, "Wait", "Wait", Type::Int(&DURATION), o => Value::Int(o.wait, &DURATION)),
        always!(Order, "Note", "Note", STR, o => text(&o.note)),
        always!(Order, "Labels", "Labels", Type::StringMap, o => {
            Value::Map(Map::Strings(&o.labels))
        }),
        always!(Order, "Tries", "Tries", Type::Int(&INT), o => Value::Int(o.tries, &INT)),
        always!(Order, "Source", "Source", STR, o => text(&o.source)),
        always!(Order, "Reference", "Reference", STR, o => text(&o.reference)),
    ],
    &[
        Method::new("StatusName", &[Type::Int(&STATUS)], STR, |_, a| {
            Ok(status(a[0].int()).to_lowercase().into())
        }),
        Method::new("ShowTime", &[Type::Time], STR, |_, a| {
            Ok(a[0].time().rfc3339().into())
        }),
        Method::new("ShowWait", &[Type::Int(&DURATION)], STR, |_, a| {
            Ok(Duration(a[0].int())
                .truncate(Duration(1_000_000))
                .to_string()
                .into())
        }),
        Method::new("ShowWeight", &[Type::Any], STR, |_, a| {
            let grams = match &a[0] {
                Value::Int(i, ty) if [&INT, &INT32, &INT64].contains(ty) => *i,
                _ => 0,
            };
            if grams > 1_000_000_000_000_000 {
                return Err("heavier than a gigatonne".to_owned());
            }
            Ok(format!("{:.3} kg", grams as f64 / 1000.0).into())
        }),
        Method::new("IsLost", &[Type::Int(&STATUS)], Type::Bool, |_, a| {
            Ok((a[0].int() == 4).into())
        }),
        Method::new("Quote", &[STR], STR, |_, a| {
            Ok([b"<", a[0].bytes(), b">"].concat().into())
        }),
        Method::new("Json", &[Type::Any], STR, |_, a| {
            let mut out = Vec::new();
            if json::marshal(&mut out, &a[0]).is_err() {
                out.clear();
            }
            Ok(out.into())
        }),
    ],
);

fn status(number: i64) -> String {
    match number {
        0 => "STATUS_UNKNOWN".to_owned(),
        1 => "STATUS_PLACED".to_owned(),
        2 => "STATUS_PACKED".to_owned(),
        4 => "STATUS_LOST".to_owned(),
        6 => "STATUS_SENT".to_owned(),
        101 => "STATUS_RETURNED".to_owned(),
        _ => number.to_string(),
    }
}

static STATUS: IntType = IntType::new("v1.Order_Status", "a status", 32)
    .with_text(|number| status(number).into())
    .with_methods(&ENUM_METHODS);

static CHANNEL: IntType = IntType::new("v1.Contact_Channel", "a channel", 32)
    .with_text(|number| match number {
        0 => "CHANNEL_NONE".into(),
        1 => "CHANNEL_PHONE".into(),
        3 => "CHANNEL_MAIL".into(),
        _ => number.to_string().into(),
    })
    .with_methods(&ENUM_METHODS);

static ENUM_NUMBER: IntType = IntType::new("v1.EnumNumber", "an integer", 32);

static ENUM_METHODS: [Method; 1] = [Method::new(
    "Number",
    &[],
    Type::Int(&ENUM_NUMBER),
    |e, _| Ok(Value::Int(e.int(), &ENUM_NUMBER)),
)];

static CUSTOMER: StructType = StructType::new(
    "v1.Customer",
    "the customer",
    &[
        field!(Customer, "Id", "id", STR, c => text(&c.id)),
        field!(Customer, "Mail", "mail", STR, c => text(&c.mail)),
        field!(Customer, "Phone", "phone", STR, c => text(&c.phone)),
        field!(Customer, "Tags", "tags", Type::Strings, c => list(&c.tags)),
        field!(Customer, "Limit", "limit", Type::Pointer(&LIMIT), c => Value::pointer(&LIMIT, c.limit.as_ref())),
        field!(Customer, "Trusted", "trusted", Type::Bool, c => c.trusted.into()),
        field!(Customer, "Contact", "contact", Type::Pointer(&CONTACT), c => {
            Value::pointer(&CONTACT, c.contact.as_ref())
        }),
    ],
    &[],
)
.with_getters();

static BASKET: StructType = StructType::new(
    "v1.Basket",
    "the basket",
    &[
        field!(Basket, "Id", "id", STR, b => text(&b.id)),
        field!(Basket, "Owner", "owner", STR, b => text(&b.owner)),
        field!(Basket, "Items", "items", Type::Strings, b => list(&b.items)),
        field!(Basket, "Extras", "extras", Type::Strings, b => list(&b.extras)),
        field!(Basket, "Gifts", "gifts", Type::Strings, b => list(&b.gifts)),
        field!(Basket, "Wrapped", "wrapped", Type::Bool, b => b.wrapped.into()),
    ],
    &[],
)
.with_getters();

static LIMIT: StructType = StructType::new(
    "v1.Limit",
    "the limit",
    &[
        field!(Limit, "Cents", "cents", LONG, l => Value::Int(l.cents, &INT64)),
        field!(Limit, "Percent", "percent", Type::Float, l => Value::Float(l.percent)),
    ],
    &[],
)
.with_getters();

static CONTACT: StructType = StructType::new(
    "v1.Contact",
    "the contact",
    &[
        field!(Contact, "Channel", "channel", Type::Int(&CHANNEL), c => {
            Value::Int(c.channel, &CHANNEL)
        }),
        field!(Contact, "Language", "language", STR, c => text(&c.language)),
    ],
    &[],
)
.with_getters();

static DELIVERY: StructType = StructType::new(
    "post.Delivery",
    "the delivery",
    &[
        always!(Delivery, "Carrier", "carrier", STR, d => text(&d.carrier)),
        always!(Delivery, "Note", "note", Type::Any, d => Value::from(&d.note)),
        always!(Delivery, "Parcels", "parcels", LONG, d => Value::Int(d.parcels, &INT64)),
        always!(Delivery, "Stops", "stops", LONG, d => Value::Int(d.stops, &INT64)),
        always!(Delivery, "Grams", "grams", LONG, d => Value::Int(d.grams, &INT64)),
        always!(Delivery, "Distance", "distance", Type::Float, d => Value::Float(d.distance)),
        always!(Delivery, "Code", "code", STR, d => text(&d.code)),
        always!(Delivery, "Steps", "steps", Type::Strings, d => list(&d.steps)),
    ],
    &[],
);

impl Order {
    /// The order of that name.
    pub fn of(name: OrderName) -> Order {
        match name {
            OrderName::Full => full(),
            OrderName::Listed => Order {
                status: 0,
                delivery: Some(Delivery {
                    note: json!([1, "two", true, null, [3, 4], {"k": "v"}]),
                    ..Delivery::default()
                }),
                ..full()
            },
            OrderName::Plain => plain(),
            OrderName::Zoned => Order {
                placed: Time::new(1_764_543_598, 0, Some(3600)),
                ..plain()
            },
            OrderName::Flat => Order {
                title: "gift".to_owned(),
                status: 101,
                placed: full().placed,
                wait: 1500,
                note: "it's <b>".to_owned(),
                labels: full().labels,
                tries: 3,
                source: "PHONE".to_owned(),
                reference: "ref-7".to_owned(),
                ..Order::default()
            },
            OrderName::Zero => Order {
                source: "UNKNOWN".to_owned(),
                ..Order::default()
            },
        }
    }
}

impl Data for Order {
    fn value(&self) -> Value<'_> {
        Value::object(&ORDER, self)
    }
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn full() -> Order {
    Order {
        title: "order of \"ana-daily\"".to_owned(),
        status: 6,
        customer: Some(Customer {
            id: "ana".to_owned(),
            mail: "ana@acme".to_owned(),
            phone: "9c1f".to_owned(),
            tags: strings(&["A=1", "B=2"]),
            limit: Some(Limit {
                cents: 1 << 30,
                percent: 7.5,
            }),
            trusted: true,
            contact: Some(Contact {
                channel: 3,
                language: "pt".to_owned(),
            }),
        }),
        basket: Some(Basket {
            id: "ana-daily".to_owned(),
            owner: "ana".to_owned(),
            items: strings(&["/tea/green", "/cups/blue", "/it's é世"]),
            extras: strings(&["*.tmp"]),
            gifts: Vec::new(),
            wrapped: true,
        }),
        code: "4f2a9c1be07d3358".to_owned(),
        delivery: Some(Delivery {
            carrier: "by bike".to_owned(),
            note: json!({
                "message": "fragile goods", "code": 13, "retry": false,
                "tags": ["top", "up", null, 3], "nested": {"path": "/srv/x", "depth": 2.5},
                "nothing": null,
            }),
            parcels: 12,
            stops: 3,
            grams: 123_456_789,
            distance: 42.75,
            code: "4f2a".to_owned(),
            steps: Vec::new(),
        }),
        placed: Time::new(1_741_529_106, 987_654_321, None),
        wait: 42_751_000_000,
        note: "open \"/x\\y\": <denied> & 'no' 100%\n\tline two\u{2028}end é世😀".to_owned(),
        labels: BTreeMap::from([
            ("host".to_owned(), "a;b".to_owned()),
            ("z".to_owned(), String::new()),
        ]),
        tries: 2,
        source: "SHOP".to_owned(),
        reference: "ref".to_owned(),
    }
}

fn plain() -> Order {
    Order {
        title: "refund".to_owned(),
        status: 4,
        customer: Some(Customer {
            id: "c".to_owned(),
            ..Customer::default()
        }),
        basket: Some(Basket {
            id: "b".to_owned(),
            ..Basket::default()
        }),
        placed: Time::new(1_764_543_598, 0, None),
        wait: -1_500_000_000,
        note: "x".to_owned(),
        source: "UNKNOWN".to_owned(),
        ..Order::default()
    }
}

/// The phase in which a template fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Parse,
    Execute,
}

/// A template that failed.
#[derive(Debug)]
pub struct Failure {
    pub phase: Phase,
    pub line: u32,
    pub column: u32,
    pub fault: Box<Fault>,
}

/// Parses a template and executes it with an order.
pub fn render(source: &str, order: &Order) -> Result<Vec<u8>, Failure> {
    let failure = |phase| {
        move |fault: Box<Fault>| {
            let (line, column) = fault.span.line_column(source);
            Failure {
                phase,
                line,
                column,
                fault,
            }
        }
    };
    let template = Template::parse("template", source).map_err(failure(Phase::Parse))?;
    template.execute(order).map_err(failure(Phase::Execute))
}
