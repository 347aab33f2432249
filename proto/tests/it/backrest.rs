//! Hooks as Backrest writes them, in its JSON and in its binary form.

use hookd_proto::v1::hook::{self, Action, webhook::Method};
use hookd_proto::v1::{Condition, Hook, OnError};
use prost::Message as _;
use serde_json::{Value, json};

/// Returns every action as JSON in a `config.json`, with its field number and parsed form.
fn actions() -> [(Value, u32, Action); 8] {
    let template = || "{{ .Summary }}".to_owned();
    [
        (
            json!({"actionCommand": {"command": "#!/bin/bash\necho {{ .ShellEscape .Task }}\n"}}),
            100,
            Action::ActionCommand(hook::Command {
                command: "#!/bin/bash\necho {{ .ShellEscape .Task }}\n".to_owned(),
                ..hook::Command::default()
            }),
        ),
        (
            json!({"actionWebhook": {
                "webhookUrl": "https://example.org/hook", "method": "POST", "template": template(),
            }}),
            101,
            Action::ActionWebhook(hook::Webhook {
                webhook_url: "https://example.org/hook".to_owned(),
                method: Method::Post.into(),
                template: template(),
            }),
        ),
        (
            json!({"actionDiscord": {
                "webhookUrl": "https://discord.com/api/webhooks/1/x", "template": template(),
            }}),
            102,
            Action::ActionDiscord(hook::Discord {
                webhook_url: "https://discord.com/api/webhooks/1/x".to_owned(),
                template: template(),
            }),
        ),
        (
            json!({"actionGotify": {
                "baseUrl": "https://gotify.example.org", "token": "A1b2", "template": template(),
                "titleTemplate": "Backrest {{ .EventName .Event }}", "priority": 5,
            }}),
            103,
            Action::ActionGotify(hook::Gotify {
                base_url: "https://gotify.example.org".to_owned(),
                token: "A1b2".to_owned(),
                template: template(),
                title_template: "Backrest {{ .EventName .Event }}".to_owned(),
                priority: 5,
            }),
        ),
        (
            json!({"actionSlack": {
                "webhookUrl": "https://hooks.slack.com/services/T/B/x",
                "template": "{\"text\": {{ .JsonMarshal .Summary }}}",
            }}),
            104,
            Action::ActionSlack(hook::Slack {
                webhook_url: "https://hooks.slack.com/services/T/B/x".to_owned(),
                template: "{\"text\": {{ .JsonMarshal .Summary }}}".to_owned(),
            }),
        ),
        (
            json!({"actionShoutrrr": {
                "shoutrrrUrl": "ntfy://ntfy.sh/backups", "template": template(),
            }}),
            105,
            Action::ActionShoutrrr(hook::Shoutrrr {
                shoutrrr_url: "ntfy://ntfy.sh/backups".to_owned(),
                template: template(),
            }),
        ),
        (
            json!({"actionHealthchecks": {
                "webhookUrl": "https://hc-ping.com/5f3d", "template": template(),
            }}),
            106,
            Action::ActionHealthchecks(hook::Healthchecks {
                webhook_url: "https://hc-ping.com/5f3d".to_owned(),
                template: template(),
            }),
        ),
        (
            json!({"actionTelegram": {
                "botToken": "110201543:AAH", "chatId": "-1001", "template": template(),
            }}),
            107,
            Action::ActionTelegram(hook::Telegram {
                bot_token: "110201543:AAH".to_owned(),
                chat_id: "-1001".to_owned(),
                template: template(),
            }),
        ),
    ]
}

#[test]
fn every_action_of_a_config_is_read_and_written() {
    for (action, _, read) in actions() {
        let mut object = json!({
            "conditions": ["CONDITION_SNAPSHOT_START", "CONDITION_ANY_ERROR"],
            "onError": "ON_ERROR_RETRY_10MINUTES",
        });
        let (Value::Object(object_map), Value::Object(action)) = (&mut object, action) else {
            unreachable!()
        };
        object_map.extend(action);
        let hook: Hook = serde_json::from_value(object.clone()).unwrap();
        let expected = Hook {
            conditions: vec![Condition::SnapshotStart.into(), Condition::AnyError.into()],
            on_error: OnError::Retry10minutes.into(),
            action: Some(read),
            ..Hook::default()
        };
        assert_eq!(hook, expected);
        assert_eq!(serde_json::to_value(&hook).unwrap(), object);
    }
}

#[test]
fn other_spellings_of_protobuf_json_are_read() {
    let hook: Hook = serde_json::from_value(json!({
        "conditions": [4, "CONDITION_SNAPSHOT_END"],
        "on_error": 103,
        "action_command": {"command": "true"},
    }))
    .unwrap();
    assert_eq!(
        hook.conditions,
        [Condition::SnapshotError, Condition::SnapshotEnd].map(i32::from)
    );
    assert_eq!(hook.on_error(), OnError::RetryExponentialBackoff);
    // Fields at their default are left out, so that an empty object is a hook.
    assert_eq!(
        serde_json::from_value::<Hook>(json!({})).unwrap(),
        Hook::default()
    );
    for wrong in [
        json!({"conditions": ["CONDITION_SNAPSHOT_STRAT"]}),
        json!({"onError": "FATAL"}),
        json!({"actionComand": {}}),
    ] {
        assert!(
            serde_json::from_value::<Hook>(wrong.clone()).is_err(),
            "{wrong}"
        );
    }
}

/// Encodes a field of length-delimited content.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_varint(u64::from(number << 3 | 2), &mut bytes);
    prost::encoding::encode_varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

#[test]
fn the_binary_form_has_the_same_field_numbers() {
    for (_, number, action) in actions() {
        let hook = Hook {
            conditions: vec![Condition::SnapshotStart.into(), Condition::AnyError.into()],
            on_error: OnError::Fatal.into(),
            action: Some(action),
            ..Hook::default()
        };
        let content: Vec<u8> = match hook.action.as_ref().unwrap() {
            Action::ActionCommand(a) => field(1, a.command.as_bytes()),
            Action::ActionWebhook(a) => [
                field(1, a.webhook_url.as_bytes()),
                vec![2 << 3, 2],
                field(100, a.template.as_bytes()),
            ]
            .concat(),
            Action::ActionGotify(a) => [
                field(1, a.base_url.as_bytes()),
                field(3, a.token.as_bytes()),
                field(100, a.template.as_bytes()),
                field(101, a.title_template.as_bytes()),
                vec![0xb0, 0x06, 5],
            ]
            .concat(),
            Action::ActionDiscord(hook::Discord {
                webhook_url: first,
                template,
            })
            | Action::ActionSlack(hook::Slack {
                webhook_url: first,
                template,
            })
            | Action::ActionHealthchecks(hook::Healthchecks {
                webhook_url: first,
                template,
            })
            | Action::ActionShoutrrr(hook::Shoutrrr {
                shoutrrr_url: first,
                template,
            }) => [field(1, first.as_bytes()), field(2, template.as_bytes())].concat(),
            Action::ActionTelegram(a) => [
                field(1, a.bot_token.as_bytes()),
                field(2, a.chat_id.as_bytes()),
                field(3, a.template.as_bytes()),
            ]
            .concat(),
        };
        // Conditions packed in field 1, the error behaviour in 2, the action in 100 to 107.
        let written = [field(1, &[2, 1]), vec![2 << 3, 2], field(number, &content)].concat();
        assert_eq!(Hook::decode(&*written).unwrap(), hook);
        assert_eq!(hook.encode_to_vec(), written);
    }
}
