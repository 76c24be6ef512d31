//! Death of the parent process. Only Linux shows whether a process that is not a child
//! still runs.

use std::path::Path;

use swas_testing::plugin_client::PluginProcess;

use crate::support::{file_names, start_with_shell, temp_dir, wait_for_exit, wait_until};

#[tokio::test]
async fn parent_death_ends_the_process_despite_open_connection() {
    let folder = temp_dir();
    // The shell is a parent that can be killed.
    let parent = start_with_shell(r#""$0" & echo "$!" >&2; wait"#, &folder);
    let mut parent = PluginProcess::start(parent).await.expect("a start");
    let connection = parent.connect().await.expect("a connection");
    wait_until("the process ID", || parent.stderr().ends_with('\n')).await;
    let process = Path::new("/proc").join(parent.stderr().trim());
    assert!(process.join("exe").exists(), "{}", process.display());

    parent.kill().expect("a kill");
    wait_for_exit(&mut parent).await;
    // A zombie has no executable.
    wait_until("the exit", || process.join("exe").read_link().is_err()).await;
    connection.health("plugin").await.unwrap_err();
    assert_eq!(file_names(folder.path()), [""; 0]);
}
