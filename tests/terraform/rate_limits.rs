//! Rate limits: the API allows ten calls per operation and minute, so reads share
//! calls, wait for the quota and retry transient faults.

use std::fmt::Write;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use swas_testing::emulator::{Catalog, Emulator, Fault, Options, Quota, Reply, ScriptedFault};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scenario::{Outcome, PROVIDER, REGION, emulator, image, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(many_image_lists_share_calls),
        TerraformTest::of(many_images_by_name_share_calls),
        TerraformTest::of(many_image_ids_are_batched_into_few_calls),
        TerraformTest::of(throttled_region_reads_wait_for_the_quota),
        TerraformTest::of(concurrent_runs_with_cache_dir_share_one_request),
        TerraformTest::of(image_created_in_the_same_apply_is_not_hidden_by_cache),
        TerraformTest::of(transient_faults_are_retried_within_one_plan),
        TerraformTest::of(persistent_throttling_fails_within_max_retry_timeout),
        TerraformTest::of(ctrl_c_cancels_a_throttle_wait),
    ])
}

/// An emulator with a quota and network latency.
fn options_with_quota(calls: usize, seconds: u64, sends_retry_after: bool) -> Options {
    Options {
        quota: Some(Quota {
            calls,
            window: Duration::from_secs(seconds),
            sends_retry_after,
        }),
        delay: Duration::from_millis(100),
        ..Options::default()
    }
}

fn initialized(client: &Client, emulator: &Emulator, text: &str) -> Result<Workspace, Failed> {
    let mut workspace = Workspace::initialized(client, PROVIDER.as_ref(), emulator, text)?;
    workspace.env("ALIBABA_CLOUD_REGION", REGION);
    Ok(workspace)
}

/// Data blocks of one type, with arguments by their number.
fn blocks(of: &str, count: usize, arguments: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let arguments = arguments(number);
        // Writing to a string is infallible.
        let _ = writeln!(text, "data \"{of}\" \"it{number}\" {{\n{arguments}\n}}");
        text
    })
}

/// Plans, and asserts that at most `most` calls are made and none is throttled.
fn plan_with_calls(client: &Client, text: &str, most: usize) -> Outcome {
    let emulator = Emulator::start(options_with_quota(10, 60, true))?;
    initialized(client, &emulator, text)?.plan()?.checked()?;
    let counts = emulator.counts("ListImages");
    assert_eq!(counts.throttled, 0, "{text}");
    assert!((1..=most).contains(&counts.succeeded), "{counts:?}: {text}");
    Ok(())
}

fn many_image_lists_share_calls(client: &Client) -> Outcome {
    let expression = |number| format!("  name_regex = \"{number}$\"");
    let of_system = |number| format!("  image_type = \"system\"\n{}", expression(number));
    plan_with_calls(client, &blocks("swas_images", 100, of_system), 2)?;
    plan_with_calls(client, &blocks("swas_images", 100, expression), 4)
}

fn many_images_by_name_share_calls(client: &Client) -> Outcome {
    let catalog = Catalog::builtin();
    let of_type = |image_type: &str| {
        let images = catalog.images(REGION).iter();
        let images = images.filter(move |image| image.image_type == image_type);
        images.map(|image| image.name.clone()).collect::<Vec<_>>()
    };
    let names = [("system", of_type("system")), ("app", of_type("app"))];
    let by_name = |number: usize| {
        let (image_type, names) = &names[number % 2];
        let name = &names[number / 2 % names.len()];
        format!("  image_type = \"{image_type}\"\n  name = \"{name}\"\n  most_recent = true")
    };
    plan_with_calls(client, &blocks("swas_image", 60, by_name), 4)
}

fn many_image_ids_are_batched_into_few_calls(client: &Client) -> Outcome {
    let by_id = |ids: &[String]| format!("  image_ids = [\"{}\"]", ids.join("\", \""));
    let images: Vec<_> = (0..600)
        .map(|number| image(&format!("{number:032x}"), &format!("Image-{number}")))
        .collect();
    let ids: Vec<_> = images.iter().map(|image| image.id.clone()).collect();
    let emulator = Emulator::start(Options {
        catalog: Catalog::builtin().with_images(REGION, images),
        ..options_with_quota(10, 60, true)
    })?;
    let text = blocks("swas_images", 1, |_| by_id(&ids));
    initialized(client, &emulator, &text)?.plan()?.checked()?;
    let counts = emulator.counts("ListImages");
    assert!((1..=4).contains(&counts.succeeded), "{counts:?}");

    let catalog = Catalog::builtin();
    let known = catalog.images(REGION);
    let one = |number: usize| format!("  image_id = \"{}\"", known[number % known.len()].id);
    plan_with_calls(client, &blocks("swas_image", 40, one), 4)
}

fn throttled_region_reads_wait_for_the_quota(client: &Client) -> Outcome {
    for sends_retry_after in [true, false] {
        let catalog = (0..24).fold(Catalog::builtin(), |catalog, number| {
            let images = vec![image(&format!("{number:032x}"), "Debian-12")];
            catalog.with_images(&format!("cn-{number}"), images)
        });
        let emulator = Emulator::start(Options {
            catalog,
            ..options_with_quota(10, 6, sends_retry_after)
        })?;
        let text = blocks("swas_images", 24, |number| {
            format!("  region_id = \"cn-{number}\"")
        });
        let workspace = initialized(client, &emulator, &text)?;
        let began = Instant::now();
        workspace.plan()?.checked()?;
        let counts = emulator.counts("ListImages");
        assert_eq!(counts.succeeded, 24);
        assert!(counts.throttled <= 16, "{counts:?}");
        // Two windows of the quota, and the backoff.
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{sends_retry_after}"
        );
    }
    Ok(())
}

fn concurrent_runs_with_cache_dir_share_one_request(client: &Client) -> Outcome {
    const RUNS: usize = 12;

    let emulator = Emulator::start(options_with_quota(2, 60, true))?;
    let text = blocks("swas_images", 3, |_| "  image_type = \"system\"".to_owned());
    let mut workspaces = (0..RUNS)
        .map(|_| initialized(client, &emulator, &text))
        .collect::<Result<Vec<_>, _>>()?;
    let folder = workspaces[0].dir().join("cache");
    for workspace in &mut workspaces {
        workspace.env("SWAS_CACHE_DIR", &folder);
    }
    let runs = workspaces.iter().map(|workspace| workspace.start(["plan"]));
    for run in runs.collect::<Result<Vec<_>, _>>()? {
        let mut run = run;
        run.wait(Duration::from_mins(2))?.checked()?;
    }
    let counts = emulator.counts("ListImages");
    assert_eq!((counts.succeeded, counts.throttled), (1, 0), "{counts:?}");
    Ok(())
}

fn image_created_in_the_same_apply_is_not_hidden_by_cache(client: &Client) -> Outcome {
    if !client.version.at_least(1, 4) {
        // `terraform_data` is built in since 1.4.
        return Ok(());
    }
    let emulator = emulator()?;
    // Both reads belong to the apply, so one process makes them.
    let make = "touch begun; until [ -e made ]; do sleep 0.1; done";
    let text = format!(
        "resource \"terraform_data\" \"first\" {{}}\n\
         data \"swas_images\" \"before\" {{\n  depends_on = [terraform_data.first]\n}}\n\
         resource \"terraform_data\" \"image\" {{\n  \
           input = length(data.swas_images.before.ids)\n  \
           provisioner \"local-exec\" {{\n    command = {make:?}\n  }}\n}}\n\
         data \"swas_image\" \"mine\" {{\n  \
           name       = \"Mine-1\"\n  depends_on = [terraform_data.image]\n}}\n\
         output \"it\" {{\n  value = data.swas_image.mine.image_type\n}}\n"
    );
    let workspace = initialized(client, &emulator, &text)?;
    let mut apply = workspace.start(["apply", "-auto-approve"])?;
    while !workspace.dir().join("begun").exists() {
        assert!(!apply.has_ended()?, "{}", apply.stderr());
        std::thread::sleep(Duration::from_millis(20));
    }
    emulator.add_image(REGION, image("mine", "Mine-1"));
    workspace.write("made", "")?;
    apply.wait(Duration::from_mins(1))?.checked()?;
    assert_eq!(workspace.output_json()?["it"]["value"], "custom");
    // A cached list would not contain the new image.
    assert_eq!(emulator.counts("ListImages").succeeded, 2);
    Ok(())
}

fn transient_faults_are_retried_within_one_plan(client: &Client) -> Outcome {
    let throttle = Fault::Throttle {
        status: 400,
        retry_after_ms: Some(100),
    };
    let error = Fault::Http {
        status: 500,
        code: None,
    };
    let page = Fault::Html { status: 502 };
    let faults = [throttle, error, Fault::Reset {}, Fault::Truncate {}, page];
    let twice = |fault: &Fault| ScriptedFault {
        times: NonZeroU32::MIN.saturating_add(1),
        ..fault.clone().into()
    };
    // Each fault twice, in two orders. The first response of each script is half of a
    // body, with the length of that half.
    let one = faults.iter().cycle().skip(1).step_by(3).take(5);
    for script in [
        faults.iter().map(twice).collect::<Vec<_>>(),
        one.map(twice).collect(),
    ] {
        let emulator = emulator()?;
        emulator.set_faults(script);
        let half = || Reply::json(r#"{"RequestId": "R-1", "Images": [{"ImageId": "01"#);
        emulator.reply_next(half());
        emulator.reply_next(half());
        let text = blocks("swas_images", 1, |_| String::new());
        initialized(client, &emulator, &text)?.plan()?.checked()?;
        assert_eq!(emulator.faults(), []);
        assert_eq!(emulator.counts("ListImages").succeeded, 1);
    }
    Ok(())
}

fn persistent_throttling_fails_within_max_retry_timeout(client: &Client) -> Outcome {
    let emulator = emulator()?;
    let throttle = Fault::Throttle {
        status: 400,
        retry_after_ms: None,
    };
    emulator.set_faults([ScriptedFault {
        times: NonZeroU32::MAX,
        ..throttle.into()
    }]);
    let text = format!(
        "provider \"swas\" {{\n  max_retry_timeout = 5\n}}\n{}",
        blocks("swas_images", 1, |_| String::new())
    );
    let workspace = initialized(client, &emulator, &text)?;
    let began = Instant::now();
    let plan = workspace.plan()?;
    assert!(began.elapsed() < Duration::from_secs(7));
    assert_eq!(plan.code(), Some(1), "{plan}");
    let text = plan.flat_text();
    for expected in [
        "2 attempts in",
        "failed with this error",
        "Other runs, machines, and provider blocks",
        "\"cache_dir\"",
        "increase \"max_retry_timeout\" in the provider block to 120",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

fn ctrl_c_cancels_a_throttle_wait(client: &Client) -> Outcome {
    let emulator = emulator()?;
    emulator.set_faults([Fault::Throttle {
        status: 400,
        retry_after_ms: Some(60_000),
    }]);
    let text = blocks("swas_images", 1, |_| String::new());
    let workspace = initialized(client, &emulator, &text)?;
    let mut running = workspace.start(["plan"])?;
    assert!(emulator.wait_for_requests(1, Duration::from_secs(30)));
    running.interrupt()?;
    let began = Instant::now();
    running.wait(Duration::from_secs(30))?;
    assert!(began.elapsed() < Duration::from_secs(10));
    Ok(())
}
