//! The files the pages load: vendored, served by us, and named after their content so that they can be cached for ever.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// One file, compiled into the program.
#[derive(Debug)]
pub struct Asset {
    pub name: &'static str,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
    /// SHA-256 of `bytes`, in hexadecimal.
    pub hash: String,
    /// The last segment of its URL: the name with a piece of the hash in it.
    pub file: String,
}

pub const APP_CSS: &str = "app.css";
pub const APP_JS: &str = "app.js";
pub const HTMX_JS: &str = "htmx.js";
pub const SSE_JS: &str = "hx-sse.js";
pub const PASSKEYS_JS: &str = "passkeys.js";
pub const API_DOCS_JS: &str = "api-docs.js";
pub const SWAGGER_JS: &str = "swagger-ui.js";
pub const SWAGGER_CSS: &str = "swagger-ui.css";
pub const FAVICON: &str = "favicon.svg";

static ALL: LazyLock<[Asset; 9]> = LazyLock::new(|| {
    let js = "text/javascript; charset=utf-8";
    [
        asset(
            APP_CSS,
            "text/css; charset=utf-8",
            include_bytes!("../assets/app.css"),
        ),
        asset(APP_JS, js, include_bytes!("../assets/app.js")),
        asset(
            HTMX_JS,
            js,
            include_bytes!("../assets/vendor/htmx-4.0.1.min.js"),
        ),
        asset(
            SSE_JS,
            js,
            include_bytes!("../assets/vendor/hx-sse-4.0.1.min.js"),
        ),
        asset(PASSKEYS_JS, js, include_bytes!("../assets/passkeys.js")),
        asset(API_DOCS_JS, js, include_bytes!("../assets/api-docs.js")),
        asset(
            SWAGGER_JS,
            js,
            include_bytes!("../assets/vendor/swagger-ui-bundle-5.35.0.js"),
        ),
        asset(
            SWAGGER_CSS,
            "text/css; charset=utf-8",
            include_bytes!("../assets/vendor/swagger-ui-5.35.0.css"),
        ),
        asset(
            FAVICON,
            "image/svg+xml",
            include_bytes!("../assets/favicon.svg"),
        ),
    ]
});

pub fn all() -> &'static [Asset] {
    &*ALL
}

/// The asset served under this last URL segment.
pub fn by_file(file: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.file == file)
}

/// The URL of an asset named by one of the constants above.
pub fn url(name: &str) -> String {
    let asset = ALL.iter().find(|asset| asset.name == name);
    crate::links::asset(asset.expect("the constants above name every asset"))
}

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let hash: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let (stem, extension) = name
        .rsplit_once('.')
        .expect("every asset name has an extension");
    let file = format!("{stem}-{}.{extension}", &hash[..16]);
    Asset {
        name,
        content_type,
        bytes,
        hash,
        file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendored_files_are_as_published() {
        let hash = |name| {
            ALL.iter()
                .find(|asset| asset.name == name)
                .map(|asset| asset.hash.as_str())
        };
        let htmx = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130";
        let sse = "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103";
        assert_eq!(hash(HTMX_JS), Some(htmx));
        assert_eq!(hash(SSE_JS), Some(sse));
        let bundle = "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2";
        let style = "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d";
        assert_eq!(hash(SWAGGER_JS), Some(bundle));
        assert_eq!(hash(SWAGGER_CSS), Some(style));
    }

    #[test]
    fn an_asset_is_found_under_the_url_that_pages_use() {
        for asset in all() {
            let url = url(asset.name);
            let file = url.rsplit('/').next().expect("a split has a last part");
            assert_eq!(by_file(file).map(|found| found.name), Some(asset.name));
        }
        assert!(by_file("app.css").is_none());
    }

    #[test]
    fn own_files_call_nobody_and_stay_small() {
        for asset in [APP_CSS, APP_JS, PASSKEYS_JS, API_DOCS_JS, FAVICON]
            .map(|name| ALL.iter().find(|asset| asset.name == name))
        {
            let asset = asset.expect("it is in the list");
            let text = std::str::from_utf8(asset.bytes).expect("own files are text");
            assert!(
                !text
                    .replace("http://www.w3.org/2000/svg", "")
                    .contains("://"),
                "{}",
                asset.name
            );
            assert!(
                text.len() < 24 * 1024,
                "{} has {} bytes",
                asset.name,
                text.len()
            );
        }
    }
}
