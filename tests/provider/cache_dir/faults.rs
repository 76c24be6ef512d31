//! Directories and files that cannot be used.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use serde_json::Value;
use swas_testing::diagnostics::shown;
use swas_testing::running_provider::{Result, RunningProvider};

use super::{entry, files, folder, process, read, sharing, shift_time, system};
use crate::golden::Golden;
use crate::support::{emulator, expect_state, start, with};

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Diagnostics of `configure` and of two reads, without the path of the folder.
async fn diagnostics(
    start: swas_testing::plugin_client::Start,
    block: &Value,
    folder: &Path,
) -> Result<String> {
    let provider = RunningProvider::start(start).await?;
    let mut diagnostics = provider.configure(block).await?;
    for _ in 0..2 {
        if !swas_testing::diagnostics::has_error(&diagnostics) {
            let response = provider.read("swas_images", &system()).await?;
            assert!(response.state.is_some());
            diagnostics.extend(response.diagnostics);
        }
    }
    provider.end().await?;
    Ok(shown(&diagnostics).replace(&folder.display().to_string(), "FOLDER"))
}

#[tokio::test]
async fn missing_cache_dir_is_created_for_the_user_only() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let path = folder.path().join("a/b");
    read(&sharing(&emulator, &path)).await?;
    assert_eq!(fs::metadata(&path)?.mode() & 0o7777, 0o700);
    assert_eq!(
        fs::metadata(path.parent().ok_or("a")?)?.mode() & 0o7777,
        0o700
    );
    assert_eq!(fs::metadata(entry(&path))?.mode() & 0o7777, 0o600);
    Ok(())
}

#[tokio::test]
async fn unsafe_cache_dir_is_an_error() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let mut golden = Golden::default();
    let path = |name: &str| folder.path().join(name);
    File::create(path("file"))?;
    fs::create_dir(path("target"))?;
    symlink("target", path("link"))?;
    for (name, mode) in [("group", 0o770), ("all", 0o1777)] {
        fs::create_dir(path(name))?;
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode))?;
    }
    for name in ["file", "link", "link/", "group", "all"] {
        let block = sharing(&emulator, &path(name));
        golden.add(name, &diagnostics(start(), &block, folder.path()).await?);
    }
    let other = if is_root() {
        fs::create_dir(path("other"))?;
        chown(path("other"), Some(12345), None)?;
        path("other")
    } else {
        "/usr".into()
    };
    let text = diagnostics(start(), &sharing(&emulator, &other), folder.path()).await?;
    let text = text
        .replace("(user ID 12345)", "(user ID 0)")
        .replace("/usr", "FOLDER/other");
    golden.add("other", &text);
    let variable = start().env("SWAS_CACHE_DIR", path("all"));
    let mut block = sharing(&emulator, folder.path());
    block["cache_dir"] = Value::Null;
    golden.add(
        "variable",
        &diagnostics(variable, &block, folder.path()).await?,
    );
    golden.assert("unsafe_cache_directories");
    assert_eq!(emulator.requests().len(), 0);
    assert_eq!(files(&path("target"), ""), Vec::<std::path::PathBuf>::new());
    Ok(())
}

#[tokio::test]
async fn unusable_cache_dir_is_one_warning() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let mut golden = Golden::default();
    File::create(folder.path().join("file"))?;
    let block = sharing(&emulator, &folder.path().join("file/cache"));
    golden.add(
        "below a file",
        &diagnostics(start(), &block, folder.path()).await?,
    );

    let read_only = folder.path().join("read-only");
    fs::create_dir(&read_only)?;
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o500))?;
    // Nothing is read-only for root, except directories of the kernel.
    let read_only = if is_root() {
        "/sys/kernel".into()
    } else {
        read_only
    };
    let block = sharing(&emulator, &read_only);
    let text = diagnostics(start(), &block, folder.path()).await?;
    assert_eq!(
        text.matches("Cache directory not used").count(),
        1,
        "{text}"
    );
    golden.assert("unusable_cache_directories");
    Ok(())
}

#[tokio::test]
async fn lock_that_cannot_be_had_is_one_warning() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    let lock = files(folder.path(), ".lock").remove(0);
    fs::remove_file(&lock)?;
    fs::create_dir(&lock)?;
    shift_time(&entry(folder.path()), -100)?;
    let text = diagnostics(start(), &block, folder.path()).await?;
    assert_eq!(
        text.matches("Cache directory not used").count(),
        1,
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn damaged_or_foreign_entry_is_a_miss_and_replaced() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    let state = read(&block).await?;
    let entry = entry(folder.path());
    let content = fs::read_to_string(&entry)?;
    let (header, body) = content.split_once('\n').ok_or("no header")?;
    let victim = folder.path().join("victim");
    fs::write(&victim, "untouched")?;
    let write = |text: String| fs::write(&entry, text);
    let damages: [(&str, &dyn Fn() -> std::io::Result<()>); 16] = [
        ("empty", &|| write(String::new())),
        ("header only", &|| write(header.to_owned())),
        ("no body", &|| write(format!("{header}\n"))),
        ("truncated", &|| {
            write(content[..content.len() - 1].to_owned())
        }),
        ("longer", &|| write(format!("{content} "))),
        ("one byte", &|| write(content.replace("Debian", "Debiam"))),
        ("zeros", &|| write("\0".repeat(5000))),
        ("text", &|| write("Not an entry.\nNothing.\n".to_owned())),
        ("list", &|| write(format!("[]\n{body}"))),
        ("older format", &|| {
            write(content.replace("\"format\":1", "\"format\":0"))
        }),
        ("newer format", &|| {
            write(content.replace("\"format\":1", "\"format\":2"))
        }),
        ("other key", &|| {
            write(content.replace("\"key\":\"", "\"key\":\"0"))
        }),
        ("endless", &|| File::create(&entry)?.set_len(1 << 32)),
        ("link", &|| {
            fs::write(&victim, &content)?;
            fs::remove_file(&entry)?;
            symlink(&victim, &entry)
        }),
        ("pipe", &|| {
            fs::remove_file(&entry)?;
            Ok(nix::unistd::mkfifo(&entry, nix::sys::stat::Mode::S_IRWXU)?)
        }),
        ("writable by others", &|| {
            write(content.clone())?;
            fs::set_permissions(&entry, fs::Permissions::from_mode(0o666))
        }),
    ];
    for (number, (name, damage)) in damages.into_iter().enumerate() {
        damage()?;
        assert_eq!(read(&block).await?, state, "{name}");
        assert_eq!(emulator.requests().len(), number + 2, "{name}");
        assert_eq!(read(&block).await?, state, "{name}");
        assert_eq!(
            emulator.requests().len(),
            number + 2,
            "not replaced: {name}"
        );
    }
    // The link was replaced, and not its target.
    assert_eq!(fs::read_to_string(&victim)?, content);
    Ok(())
}

/// The digest is right, and the body is not what the API could respond.
#[tokio::test]
async fn malformed_entry_is_a_miss() -> Result<()> {
    use sha2::{Digest, Sha256};

    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    let state = read(&block).await?;
    let entry = entry(folder.path());
    let content = fs::read_to_string(&entry)?;
    let (header, _) = content.split_once('\n').ok_or("no header")?;
    let long = "x".repeat(513);
    for (number, body) in [
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"Images": null}"#.to_owned(),
        r#"{"Images": [{}]}"#.to_owned(),
        format!(r#"{{"Images": [{{"ImageId": "a", "ImageName": "{long}"}}]}}"#),
        format!(
            r#"{{"Images": [{}{{"ImageId": "a"}}]}}"#,
            r#"{"ImageId": "a"},"#.repeat(25_000)
        ),
        r#"{"Images": [{"ImageId": "a", "ImageType": "app"}]}"#.to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let mut header: Value = serde_json::from_str(header)?;
        header["sha256"] = hex::encode(Sha256::digest(&body)).into();
        fs::write(&entry, format!("{header}\n{body}"))?;
        assert_eq!(read(&block).await?, state);
        assert_eq!(emulator.requests().len(), number + 2);
    }
    Ok(())
}

#[tokio::test]
async fn link_in_place_of_lock_or_temporary_file_is_replaced() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    let victim = folder.path().join("victim");
    fs::write(&victim, "untouched")?;
    let entry = entry(folder.path());
    for ending in ["lock", "tmp"] {
        let file = entry.with_extension(ending);
        let _ = fs::remove_file(&file);
        symlink(&victim, &file)?;
        shift_time(&entry, -100)?;
        read(&block).await?;
        assert!(!file.is_symlink(), "{ending}");
    }
    assert_eq!(fs::read_to_string(&victim)?, "untouched");
    assert_eq!(emulator.requests().len(), 3);
    Ok(())
}

#[tokio::test]
async fn removed_cache_dir_is_a_warning_and_a_new_process_creates_it() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let path = folder.path().join("cache");
    let block = sharing(&emulator, &path);
    let provider = process(&block).await?;
    fs::remove_dir(&path)?;
    let response = provider.read("swas_images", &system()).await?;
    assert!(response.state.is_some());
    assert_eq!(response.diagnostics.len(), 1);
    read(&with(&block, "cache_max_age", 100)).await?;
    entry(&path);
    Ok(())
}

/// Stands in for a full disk: the lock can be had, and the entry cannot be replaced.
#[tokio::test]
async fn entry_that_cannot_be_written_is_one_warning() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let block = sharing(&emulator, folder.path());
    read(&block).await?;
    let entry = entry(folder.path());
    fs::remove_file(&entry)?;
    fs::create_dir_all(entry.join("not-empty"))?;
    let text = diagnostics(start(), &block, folder.path()).await?;
    assert_eq!(
        text.matches("Cache directory not used").count(),
        1,
        "{text}"
    );
    assert_eq!(files(folder.path(), ".tmp").len(), 0);
    assert_eq!(emulator.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn directory_that_takes_the_place_of_cache_dir_is_not_used() -> Result<()> {
    let (emulator, folder) = (emulator(), folder());
    let (path, moved) = (folder.path().join("cache"), folder.path().join("moved"));
    let block = sharing(&emulator, &path);
    let provider = process(&block).await?;
    fs::rename(&path, &moved)?;
    fs::create_dir(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777))?;
    let state = expect_state(&provider.read("swas_images", &system()).await?)?;
    assert_eq!(files(&path, ""), Vec::<std::path::PathBuf>::new());
    entry(&moved);
    // A link to the directory is an error, and the directory itself has the response.
    fs::remove_dir(&path)?;
    symlink(&moved, &path)?;
    let text = diagnostics(start(), &block, folder.path()).await?;
    assert!(text.contains("is a symbolic link"), "{text}");
    assert_eq!(read(&sharing(&emulator, &moved)).await?, state);
    assert_eq!(emulator.requests().len(), 1);
    Ok(())
}
