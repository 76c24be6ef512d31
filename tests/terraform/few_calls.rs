//! The API takes ten calls of an operation a minute: reads share calls, wait
//! together, and no plan is lost to a fault that passes.

use std::fmt::Write;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use swas_testing::emulator::{Catalog, Emulator, Fault, Options, Quota, Reply, ScriptedFault};
use swas_testing::terraform::{Client, TerraformTest, Workspace};

use crate::scene::{Outcome, PROVIDER, REGION, emulator, image, since_1_0};

pub fn tests() -> Vec<TerraformTest> {
    since_1_0([
        TerraformTest::of(many_lists_of_images_take_a_few_calls),
        TerraformTest::of(many_images_by_name_take_a_few_calls),
        TerraformTest::of(many_ids_take_a_few_calls),
        TerraformTest::of(regions_beyond_the_quota_are_read_when_it_allows),
        TerraformTest::of(an_image_made_in_the_same_run_is_found),
        TerraformTest::of(faults_that_pass_cost_no_plan),
        TerraformTest::of(a_refusal_that_lasts_ends_in_time),
        TerraformTest::of(a_wait_for_the_quota_ends_with_ctrl_c),
    ])
}

/// As the API is: with its quota, and some way off.
fn quota(calls: usize, seconds: u64, sends_retry_after: bool) -> Options {
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

/// Data blocks of one type, each with the arguments that its number gives.
fn blocks(of: &str, count: usize, arguments: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let arguments = arguments(number);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "data \"{of}\" \"it{number}\" {{\n{arguments}\n}}");
        text
    })
}

/// Plans within the quota, and checks how many calls that takes.
fn plan_with_calls(client: &Client, text: &str, most: usize) -> Outcome {
    let emulator = Emulator::start(quota(10, 60, true))?;
    initialized(client, &emulator, text)?.plan()?.checked()?;
    let counts = emulator.counts("ListImages");
    assert_eq!(counts.refused, 0, "{text}");
    assert!((1..=most).contains(&counts.answered), "{counts:?}: {text}");
    Ok(())
}

fn many_lists_of_images_take_a_few_calls(client: &Client) -> Outcome {
    let expression = |number| format!("  name_regex = \"{number}$\"");
    let of_system = |number| format!("  image_type = \"system\"\n{}", expression(number));
    plan_with_calls(client, &blocks("swas_images", 100, of_system), 2)?;
    plan_with_calls(client, &blocks("swas_images", 100, expression), 4)
}

fn many_images_by_name_take_a_few_calls(client: &Client) -> Outcome {
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

fn many_ids_take_a_few_calls(client: &Client) -> Outcome {
    let by_id = |ids: &[String]| format!("  image_ids = [\"{}\"]", ids.join("\", \""));
    let images: Vec<_> = (0..600)
        .map(|number| image(&format!("{number:032x}"), &format!("Image-{number}")))
        .collect();
    let ids: Vec<_> = images.iter().map(|image| image.id.clone()).collect();
    let emulator = Emulator::start(Options {
        catalog: Catalog::builtin().with_images(REGION, images),
        ..quota(10, 60, true)
    })?;
    let text = blocks("swas_images", 1, |_| by_id(&ids));
    initialized(client, &emulator, &text)?.plan()?.checked()?;
    let counts = emulator.counts("ListImages");
    assert!((1..=4).contains(&counts.answered), "{counts:?}");

    let catalog = Catalog::builtin();
    let known = catalog.images(REGION);
    let one = |number: usize| format!("  image_id = \"{}\"", known[number % known.len()].id);
    plan_with_calls(client, &blocks("swas_image", 40, one), 4)
}

fn regions_beyond_the_quota_are_read_when_it_allows(client: &Client) -> Outcome {
    for sends_retry_after in [true, false] {
        let catalog = (0..24).fold(Catalog::builtin(), |catalog, number| {
            let images = vec![image(&format!("{number:032x}"), "Debian-12")];
            catalog.with_images(&format!("cn-{number}"), images)
        });
        let emulator = Emulator::start(Options {
            catalog,
            ..quota(10, 6, sends_retry_after)
        })?;
        let text = blocks("swas_images", 24, |number| {
            format!("  region_id = \"cn-{number}\"")
        });
        let workspace = initialized(client, &emulator, &text)?;
        let began = Instant::now();
        workspace.plan()?.checked()?;
        let counts = emulator.counts("ListImages");
        assert_eq!(counts.answered, 24);
        assert!(counts.refused <= 16, "{counts:?}");
        // Two windows of the quota, and what an unlucky guess adds.
        assert!(
            began.elapsed() < Duration::from_secs(40),
            "{sends_retry_after}"
        );
    }
    Ok(())
}

fn an_image_made_in_the_same_run_is_found(client: &Client) -> Outcome {
    if !client.version.at_least(1, 4) {
        // No resource is built in before.
        return Ok(());
    }
    let emulator = emulator()?;
    // Both reads belong to the apply, and so to one process.
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
    // Each was a call, or the second one would have been lucky.
    assert_eq!(emulator.counts("ListImages").answered, 2);
    Ok(())
}

fn faults_that_pass_cost_no_plan(client: &Client) -> Outcome {
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
    // In two orders, and each of them twice. Beside an answer that breaks off, one
    // of which only half is sent from the first, with the length of that half.
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
        assert_eq!(emulator.counts("ListImages").answered, 1);
    }
    Ok(())
}

fn a_refusal_that_lasts_ends_in_time(client: &Client) -> Outcome {
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
    let told = plan.flat_text();
    assert!(told.contains("It was tried"), "{told}");
    assert!(told.contains("max_retry_timeout"), "{told}");
    Ok(())
}

fn a_wait_for_the_quota_ends_with_ctrl_c(client: &Client) -> Outcome {
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
