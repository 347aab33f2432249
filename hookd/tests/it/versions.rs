//! Stubs of other API versions: older ones lack some messages and fields, later ones have
//! additional ones.

use hookd_test_support::*;
use http::uri::PathAndQuery;
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorSet, field_descriptor_proto,
};
use prost_reflect::{DescriptorPool, DynamicMessage, Value};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const RUN_HOOKS: PathAndQuery = PathAndQuery::from_static("/hookd.v1.HookService/RunHooks");

/// An API version to make stubs of.
struct Contract(FileDescriptorSet);

impl Contract {
    fn ours() -> Contract {
        let set = FileDescriptorSet::decode(hookd_proto::DESCRIPTORS);
        Contract(set.expect("the descriptors are sound"))
    }

    fn message(&mut self, name: &str) -> &mut DescriptorProto {
        let mut all = self.0.file.iter_mut().flat_map(|f| &mut f.message_type);
        all.find(|m| m.name() == name).expect(name)
    }

    /// Removes all fields of a message except these, by number.
    fn keep(mut self, message: &str, fields: &[i32]) -> Contract {
        let message = self.message(message);
        message.field.retain(|f| fields.contains(&f.number()));
        assert_eq!(message.field.len(), fields.len());
        self
    }

    /// Adds a text to a message.
    fn field(mut self, message: &str, name: &str, number: i32) -> Contract {
        self.message(message).field.push(FieldDescriptorProto {
            name: Some(name.to_owned()),
            number: Some(number),
            label: Some(field_descriptor_proto::Label::Optional.into()),
            r#type: Some(field_descriptor_proto::Type::String.into()),
            ..FieldDescriptorProto::default()
        });
        self
    }

    /// Changes the values of an enum.
    fn values(
        mut self,
        name: &str,
        change: impl FnOnce(&mut Vec<EnumValueDescriptorProto>),
    ) -> Contract {
        let mut all = self.0.file.iter_mut().flat_map(|f| &mut f.enum_type);
        let found: Option<&mut EnumDescriptorProto> = all.find(|e| e.name() == name);
        change(&mut found.expect(name).value);
        self
    }

    fn value(self, of: &str, name: &str, number: i32) -> Contract {
        self.values(of, |values| {
            values.push(EnumValueDescriptorProto {
                name: Some(name.to_owned()),
                number: Some(number),
                options: None,
            });
        })
    }

    fn stub(self) -> Stub {
        let pool = DescriptorPool::from_file_descriptor_set(self.0);
        Stub(pool.expect("the contract is sound"))
    }
}

/// A client with another version of the API.
struct Stub(DescriptorPool);

impl Stub {
    fn read(&self, message: &str, json: &str) -> DynamicMessage {
        let descriptor = self.0.get_message_by_name(&format!("hookd.v1.{message}"));
        let mut json = serde_json::Deserializer::from_str(json);
        DynamicMessage::deserialize(descriptor.expect(message), &mut json).expect(message)
    }

    /// Runs hooks; returns the entries that the stub can decode.
    async fn run(&self, daemon: &TestDaemon, request: &str) -> Result<Vec<DynamicMessage>, Status> {
        let request = self.read("RunHooksRequest", request);
        let response = self.0.get_message_by_name("hookd.v1.RunHooksResponse");
        let response = response.expect("the answer");
        let mut entries = Vec::new();
        for bytes in call(daemon, request.encode_to_vec()).await? {
            let answer = DynamicMessage::decode(response.clone(), &*bytes).expect("readable");
            let Some(Value::Message(entry)) = answer.get_field_by_name("entry").as_deref().cloned()
            else {
                panic!("no entry in {answer}");
            };
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// A codec that passes messages as bytes, for the stub to decode.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining()).to_vec()))
    }
}

/// Sends these bytes as a request to run hooks; returns the answers as bytes.
async fn call(daemon: &TestDaemon, request: Vec<u8>) -> Result<Vec<Vec<u8>>, Status> {
    let mut grpc = tonic::client::Grpc::new(daemon.channel().await);
    grpc.ready().await.expect("ready");
    let request = tonic::Request::new(request);
    let mut answers = grpc
        .server_streaming(request, RUN_HOOKS, Raw)
        .await?
        .into_inner();
    let mut all = Vec::new();
    let read = async {
        while let Some(answer) = answers.message().await? {
            all.push(answer);
        }
        Ok(all)
    };
    let read = tokio::time::timeout(PATIENCE, read).await;
    read.expect("the stream ends")
}

/// Returns the number of an enum's value.
fn number(message: &DynamicMessage, field: &str) -> i32 {
    let value = message.get_field_by_name(field).expect(field);
    value.as_enum_number().expect("an enum")
}

/// Starts a daemon whose one hook succeeds if the trigger is unknown and a label is set, and
/// otherwise decides to retry the operation.
fn daemon() -> TestDaemon {
    let more = "onError: ON_ERROR_RETRY_1MINUTE";
    let script = "[ \"$HOOK_LABEL_OK\" = 1 ] && [ \"$HOOK_TRIGGER\" = UNKNOWN ]";
    TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", more, script)))
}

const EVENT: &str = r#"{"event": {"condition": "CONDITION_SNAPSHOT_START", "planId": "home"}}"#;

#[tokio::test]
async fn an_old_stub_reads_what_it_knows_of_a_newer_daemon() {
    let old = Contract::ours()
        .keep("RunHooksRequest", &[2])
        .keep("Event", &[1, 3])
        .keep("JournalEntry", &[1, 3, 8])
        .keep("RunStarted", &[1])
        .keep("Decision", &[1, 3])
        .values("DecisionKind", |values| {
            values.retain(|value| value.name() != "DECISION_KIND_RETRY");
        })
        .stub();
    let entries = old.run(&daemon(), EVENT).await.expect("it runs");
    // Every entry arrives, in order, and entries of an unknown kind are not mistaken for known
    // ones.
    let sequences = entries.iter().map(|entry| {
        let sequence = entry.get_field_by_name("sequence").expect("known");
        sequence.as_u64().expect("a number")
    });
    assert!(sequences.eq(1..=entries.len() as u64));
    let known = |entry: &&DynamicMessage| {
        entry.has_field_by_name("run_started") || entry.has_field_by_name("run_finished")
    };
    assert!(entries.len() > 2 && entries.iter().filter(known).count() == 2);
    // The agent sees a decision with a number that its version does not know, which is not
    // `PROCEED`.
    let last = entries.last().expect("the end");
    let finished = last.get_field_by_name("run_finished").expect("known");
    let finished = finished.as_message().expect("a message");
    let decision = finished.get_field_by_name("decision").expect("known");
    let decision = decision.as_message().expect("a message");
    assert_eq!(number(decision, "kind"), 4);
    let reason = decision.get_field_by_name("reason").expect("known");
    assert_eq!(reason.as_str(), Some("exit code 1"));
}

/// Returns a stub with a condition, a trigger and fields that do not exist yet.
fn later() -> Stub {
    Contract::ours()
        .value("Condition", "CONDITION_RESTORE_START", 400)
        .value("Trigger", "TRIGGER_WEBHOOK", 77)
        .field("Event", "mood", 900)
        .field("RunHooksRequest", "tenant", 900)
        .stub()
}

#[tokio::test]
async fn a_condition_of_a_later_version_is_refused_by_its_number() {
    let daemon = daemon();
    let asked = r#"{"event": {"condition": "CONDITION_RESTORE_START", "planId": "home"}}"#;
    let refused = later().run(&daemon, asked).await.expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("400"), "{refused}");
    assert_eq!(reason(&refused), "INVALID_EVENT");
    let violations = refused.get_details_bad_request().expect("the field");
    let violation = &violations.field_violations[0];
    assert_eq!(violation.field, "event.condition");
    let negative = r#"{"event": {"condition": -7, "planId": "home"}}"#;
    let refused = later().run(&daemon, negative).await.expect_err("refused");
    assert!(refused.message().contains("-7"), "{refused}");
}

#[tokio::test]
async fn what_a_later_version_adds_besides_is_passed_over() {
    let asked = r#"{"tenant": "a", "event": {
        "condition": "CONDITION_SNAPSHOT_START", "planId": "home", "mood": "good",
        "trigger": "TRIGGER_WEBHOOK", "labels": {"ok": "1"}}}"#;
    let entries = later().run(&daemon(), asked).await.expect("it runs");
    let last = entries.last().expect("the end").clone();
    let last = hookd_proto::v1::JournalEntry::decode(&*last.encode_to_vec());
    let decision = decision(&[last.expect("the same contract")]);
    // The hook succeeds, as the trigger is unknown and the label is set.
    assert_eq!(
        decision.kind(),
        hookd_proto::v1::DecisionKind::Proceed,
        "{decision:?}"
    );
}

#[tokio::test]
async fn bytes_that_are_no_request_harm_nobody() {
    let daemon = daemon();
    for bytes in [&b"\xff"[..], b"\x12\xff\xff\xff\xff\x0f", b"\x12\x02\x08"] {
        let refused = call(&daemon, bytes.to_vec()).await.expect_err("refused");
        assert!(
            matches!(refused.code(), Code::Internal | Code::InvalidArgument),
            "{refused}"
        );
    }
    let entries = later().run(&daemon, EVENT).await.expect("it runs");
    assert!(entries.len() > 2);
}

#[test]
fn the_domain_and_the_contract_have_the_same_numbers() {
    use hook_core::condition::Condition;
    use hook_core::on_error::OnError;
    for condition in Condition::ALL {
        let wire = hookd_proto::v1::Condition::try_from(condition.number());
        assert_eq!(wire.expect("known").as_str_name(), condition.name());
    }
    for policy in OnError::ALL {
        let wire = hookd_proto::v1::OnError::try_from(policy.number());
        assert_eq!(wire.expect("known").as_str_name(), policy.name());
    }
}
