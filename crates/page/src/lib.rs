//! The core's exports for a host that runs WebAssembly: bytes and JSON in, requests and JSON out.
//!
//! The host puts bytes into memory that [`room`] gives, starts a task with [`start`], and drives it with [`poll`]
//! whenever something that the task waits for has come ([`answer`]). One task runs at a time.

mod host;
mod task;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use serde_json::Value;

type Running = Pin<Box<dyn Future<Output = Value>>>;

thread_local! {
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Memory for this many bytes, which the next call takes.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    ROOM.with_borrow_mut(|room| {
        room.clear();
        room.resize(length, 0);
        room.as_mut_ptr()
    })
}

fn taken() -> Vec<u8> {
    ROOM.take()
}

/// Starts the task that the room describes: JSON of this length, followed by the bundle.
#[unsafe(no_mangle)]
pub extern "C" fn start(json: usize) {
    host::install();
    let mut bytes = taken();
    let bundle = bytes.split_off(json.min(bytes.len()));
    RUNNING.set(Some(Box::pin(task::run(bytes, bundle))));
    poll();
}

/// The room contains what `number` waited for: nothing for a wait; otherwise a header of JSON of this length and a
/// body.
#[unsafe(no_mangle)]
pub extern "C" fn answer(number: u32, json: usize) {
    let mut bytes = taken();
    let body = bytes.split_off(json.min(bytes.len()));
    host::answered(number, bytes, body);
    poll();
}

/// Goes on with the task as far as it can.
fn poll() {
    let Some(mut running) = RUNNING.take() else { return };
    match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => host::finished(&result),
        Poll::Pending => RUNNING.set(Some(running)),
    }
}
