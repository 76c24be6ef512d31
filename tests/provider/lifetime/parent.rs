//! What the death of the client means to the process. Only Linux tells of a
//! process that is not one's own child whether it still runs.

use std::path::Path;

use swas_testing::plugin_client::PluginProcess;

use crate::support::{content, ended, eventually, folder, start_by};

#[tokio::test]
async fn it_dies_with_its_parent_even_while_a_connection_is_open() {
    let folder = folder();
    // A shell stands between, as a parent that can be killed.
    let parent = start_by(r#""$0" & echo "$!" >&2; wait"#, &folder);
    let mut parent = PluginProcess::start(parent).await.expect("a start");
    let connection = parent.connect().await.expect("a connection");
    eventually("the process ID", || parent.stderr().ends_with('\n')).await;
    let process = Path::new("/proc").join(parent.stderr().trim());
    assert!(process.join("exe").exists(), "{}", process.display());

    parent.kill().expect("a kill");
    ended(&mut parent).await;
    // A process that nobody has waited for yet has no executable any more.
    eventually("the end of it", || process.join("exe").read_link().is_err()).await;
    connection.health("plugin").await.unwrap_err();
    assert_eq!(content(folder.path()), [""; 0]);
}
