//! An error's text in an answer, and imports that a fix leaves unused.

use super::projects::{after, proposed};
use crate::fix::Refusal;

/// What a fix makes of a program, with the number of lines that the rule must find in it.
fn refused(check: &str, text: &str, why: &str) {
    match proposed(check, &[("app.py", text)]) {
        Ok(proposal) => panic!("{check} is fixed:\n{}", proposal.diff()),
        Err(refusal) => assert!(refusal.to_string().contains(why), "{check}: {refusal}"),
    }
}

fn fastapi(imports: &str, module: &str, body: &str) -> String {
    format!(
        "{imports}import boto3\nfrom botocore.exceptions import ClientError\nfrom fastapi import FastAPI, HTTPException\n\napp = FastAPI()\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n{module}\n\n@app.get(\"/x/{{y}}\")\ndef x(y: str):\n    try:\n        return table.get_item(Key={{\"id\": y}}).get(\"Item\")\n{body}"
    )
}

#[test]
fn what_is_raised_says_little_and_keeps_its_cause() {
    let found = after(
        "sdk-error-answered",
        &fastapi("", "", "    except ClientError as e:\n        raise HTTPException(status_code=500, detail=str(e))\n"),
    );
    assert!(
        found.ends_with("    except ClientError as e:\n        logger.exception(\"the request could not be completed\")\n        raise HTTPException(status_code=500, detail=\"the request could not be completed\") from e\n"),
        "{found}"
    );
    assert!(found.contains("import logging\n"), "{found}");
    let imported = found.find("import logging").unwrap();
    let made = found.find("\n\nlogger = logging.getLogger(__name__)\n\napp = FastAPI()\n").unwrap();
    assert!(imported < made, "{found}");
}

#[test]
fn the_logger_that_is_there_is_used_and_the_words_in_front_stay() {
    let found = after(
        "sdk-error-answered",
        &fastapi(
            "import logging\n\n",
            "log = logging.getLogger(\"shop\")\n",
            "    except ClientError as error:\n        raise HTTPException(503, detail=f\"the item could not be read: {error}\") from None\n",
        ),
    );
    assert!(
        found.ends_with("    except ClientError:\n        log.exception(\"the item could not be read\")\n        raise HTTPException(503, detail=\"the item could not be read\") from None\n"),
        "{found}"
    );
}

#[test]
fn what_is_logged_is_not_logged_twice_and_every_answer_of_a_handler_changes() {
    let found = after(
        "sdk-error-answered",
        &fastapi(
            "import logging\n\n",
            "log = logging.getLogger(__name__)\n",
            "    except ClientError as error:\n        log.error(\"failed: %s\", error)\n        message = str(error)\n        if y:\n            raise HTTPException(500, detail=message)\n        return {\"error\": error.response[\"Error\"][\"Message\"]}\n",
        ),
    );
    assert!(
        found.ends_with("        log.error(\"failed: %s\", error)\n        if y:\n            raise HTTPException(500, detail=\"the request could not be completed\") from error\n        return {\"error\": \"the request could not be completed\"}\n"),
        "{found}"
    );
}

#[test]
fn frames_go_and_so_does_the_import_that_wrote_them() {
    let text = "import logging\nimport traceback\n\nfrom fastapi import FastAPI\nfrom fastapi.responses import JSONResponse\n\nlogger = logging.getLogger(__name__)\napp = FastAPI()\n\n\n@app.get(\"/x\")\ndef x():\n    try:\n        return {\"n\": int(\"x\")}\n    except Exception:\n        return JSONResponse({\"trace\": traceback.format_exc()}, status_code=500)\n";
    let found = after("error-detail", text);
    assert!(found.starts_with("import logging\n\nfrom fastapi import FastAPI\n"), "{found}");
    assert!(
        found.ends_with("    except Exception:\n        logger.exception(\"the request could not be completed\")\n        return JSONResponse({\"trace\": \"the request could not be completed\"}, status_code=500)\n"),
        "{found}"
    );
}

#[test]
fn a_handler_of_the_application_logs_what_it_is_given() {
    let text = "from django.http import JsonResponse\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.exception_handler(Exception)\nasync def failed(request, error):\n    return JsonResponse({\"error\": \"failed: \" + str(error)}, status=500)\n";
    let found = after("error-detail", text);
    assert!(
        found.ends_with("async def failed(request, error):\n    logger.error(\"failed\", exc_info=error)\n    return JsonResponse({\"error\": \"failed\"}, status=500)\n"),
        "{found}"
    );
}

#[test]
fn parts_of_an_error_and_conditions_are_left_alone() {
    let parts = fastapi("", "", "    except ClientError as e:\n        return {\"error\": e.response[\"Error\"]}\n");
    refused("sdk-error-answered", &parts, "no text");
    let condition = fastapi(
        "",
        "VERBOSE = False\n",
        "    except ClientError as e:\n        raise HTTPException(500, detail=str(e) if VERBOSE else \"failed\")\n",
    );
    refused("sdk-error-answered", &condition, "a condition decides");
    let lines = "import traceback\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/x\")\ndef x():\n    try:\n        return {\"n\": int(\"x\")}\n    except Exception as e:\n        return {\"trace\": traceback.format_exception(e)}\n";
    refused("error-detail", lines, "no text");
}

/// A view whose handler of any error has these lines.
fn view(module: &str, handler: &str) -> String {
    format!(
        "import logging\n\nimport sentry_sdk\nfrom fastapi import FastAPI\nfrom fastapi.responses import JSONResponse\n\nfrom shop.tools import record, render, save\n\nlogger = logging.getLogger(__name__)\napp = FastAPI()\n{module}\n\n@app.get(\"/x\")\ndef x(y: str):\n    try:\n        return {{\"n\": int(y)}}\n    except Exception as e:\n{handler}"
    )
}

#[test]
fn what_holds_the_text_keeps_its_shape() {
    let found = after(
        "error-detail",
        &view(
            "",
            "        body = {\"code\": 500, \"detail\": str(e)}\n        return JSONResponse(body, status_code=500)\n",
        ),
    );
    assert!(
        found.ends_with("        body = {\"code\": 500, \"detail\": \"the request could not be completed\"}\n        logger.exception(\"the request could not be completed\")\n        return JSONResponse(body, status_code=500)\n"),
        "{found}"
    );
    refused(
        "error-detail",
        &view("", "        body = {\"detail\": str(e)}\n        save(body)\n        return JSONResponse(body, 500)\n"),
        "not only answered",
    );
}

#[test]
fn what_is_called_with_the_text_is_called_as_before() {
    let found = after(
        "error-detail",
        &view(
            "",
            "        event = sentry_sdk.capture_message(f\"x {e}\")\n        page = render(\"err.html\", e=str(e))\n        text = f\"{save(e)}: {e}\"\n        return JSONResponse({\"event\": event, \"page\": page, \"detail\": text}, 500)\n",
        ),
    );
    assert!(
        found.contains("        event = sentry_sdk.capture_message(f\"x {e}\")\n        page = render(\"err.html\", e=str(e))\n        text = f\"{save(e)}: {e}\"\n"),
        "{found}"
    );
    assert!(
        found.ends_with("        return JSONResponse({\"event\": event, \"page\": page, \"detail\": \"the request could not be completed\"}, 500)\n"),
        "{found}"
    );
    refused(
        "error-detail",
        &view("", "        return JSONResponse({\"detail\": f\"{e}, see {record(e)}\"}, 500)\n"),
        "something else is called",
    );
}

#[test]
fn conditions_further_out_decide_too() {
    for handler in [
        "        return JSONResponse({\"d\": str(e)} if VERBOSE else {\"d\": \"x\"}, 500)\n",
        "        if VERBOSE:\n            return JSONResponse({\"d\": str(e)}, 500)\n        return JSONResponse({\"d\": \"x\"}, 500)\n",
        "        if not VERBOSE:\n            return JSONResponse({\"d\": \"x\"}, 500)\n        return JSONResponse({\"d\": str(e)}, 500)\n",
        "        text = \"x\"\n        if VERBOSE:\n            text = str(e)\n        return JSONResponse({\"d\": text}, 500)\n",
        "        text = str(e)\n        if not VERBOSE:\n            text = \"x\"\n        return JSONResponse({\"d\": text}, 500)\n",
    ] {
        refused("error-detail", &view("VERBOSE = False\n", handler), "a condition decides");
    }
    let falls =
        view("VERBOSE = False\n", "        if VERBOSE:\n            return JSONResponse({\"d\": str(e)}, 500)\n");
    refused("error-detail", &format!("{falls}    return {{\"n\": 0}}\n"), "a condition decides");
}

#[test]
fn a_logger_stands_after_the_import_that_it_needs() {
    let file = |imports: &str| {
        format!(
            "import sys\n\nsys.path.insert(0, \"..\")\n\n{imports}from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get(\"/x\")\ndef x(y: str):\n    try:\n        return {{\"n\": int(y)}}\n    except Exception as e:\n        return {{\"error\": str(e)}}\n"
        )
    };
    let found = after("error-detail", &file("import logging\n"));
    let imported = found.find("import logging\n").unwrap();
    let made = found.find("logger = logging.getLogger(__name__)").unwrap();
    assert!(imported < made, "{found}");
    refused("error-detail", &file("try:\n    import logging\nexcept ImportError:\n    pass\n"), "on a condition");
}

#[test]
fn a_logger_that_may_be_missing_or_silent_is_not_used() {
    for other in [
        "if app.debug:\n    dbg = logging.getLogger(\"dbg\")\n",
        "noisy = logging.getLogger(\"botocore\")\nnoisy.setLevel(logging.CRITICAL)\n",
        "logger = logging.getLogger(\"a\")\nlogger = None\n",
    ] {
        let text = view("", "        return JSONResponse({\"d\": str(e)}, 500)\n");
        let text = text
            .replace("logger = logging.getLogger(__name__)\n", "")
            .replace("app = FastAPI()\n", &format!("app = FastAPI()\n{other}"));
        let found = after("error-detail", &text);
        let name = if other.starts_with("logger") { "log" } else { "logger" };
        assert!(found.contains(&format!("{name} = logging.getLogger(__name__)\n")), "{found}");
        assert!(found.contains(&format!("        {name}.exception(")), "{found}");
    }
}

/// A cache by `functools.cache`, with a line after it.
fn cached(import: &str, more: &str) -> String {
    format!(
        "{import}\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@cache\ndef price(y):\n    return {{\"y\": y}}\n\n\n@app.get(\"/x/{{y}}\")\ndef x(y: str):\n    return price(y)\n{more}"
    )
}

#[test]
fn imports_that_a_fix_leaves_unused_go() {
    let found = after("unbounded-lru-cache", &cached("from functools import cache", ""));
    assert!(found.starts_with("import functools\n\nfrom fastapi import FastAPI\n"), "{found}");
    let found = after("unbounded-lru-cache", &cached("from functools import cache, wraps as kept", "\n\nkept(x)\n"));
    assert!(found.contains("from functools import wraps as kept\n"), "{found}");
}

#[test]
fn imports_that_may_be_meant_stay() {
    for (import, more) in [
        ("from functools import cache  # noqa: F401", ""),
        ("from functools import cache as cache", ""),
        ("from functools import cache", "\n\n__all__ = [\"app\", \"cache\"]\n"),
        ("from functools import cache", "\n\ndef y(of: \"cache\"):\n    return of\n"),
    ] {
        let found = after("unbounded-lru-cache", &cached(import, more));
        assert!(found.contains(import), "{found}");
    }
    // Another file takes it from here, and what nobody used before is nobody's business.
    let text = cached("from functools import cache, wraps", "");
    let other = "from app import cache\n\n\n@cache\ndef other():\n    return 1\n";
    let proposal: Result<_, Refusal> = proposed("unbounded-lru-cache", &[("app.py", &text), ("other.py", other)]);
    let proposal = proposal.unwrap();
    let own = proposal.files.iter().find(|file| file.file == "app.py").unwrap();
    assert!(own.after.contains("from functools import cache, wraps\n"), "{}", own.after);
}
