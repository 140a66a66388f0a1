//! The thread that starts all children. The kernel ends a child with the *thread* that started it, and threads of a pool come and
//! go; this one stays as long as the process.

use std::io;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

type Order = (Command, Sender<io::Result<Child>>);

/// Starts a process.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static ORDERS: OnceLock<Option<Sender<Order>>> = OnceLock::new();
    let orders = ORDERS.get_or_init(|| {
        let (orders, taken) = channel::<Order>();
        let work = move || {
            for (mut command, answer) in taken {
                // Whoever asked waits for this, unless its thread is gone.
                let _ = answer.send(command.spawn());
            }
        };
        std::thread::Builder::new().name("children".to_owned()).spawn(work).is_ok().then_some(orders)
    });
    let (answer, started) = channel();
    let gone = || io::Error::other("no thread could be started for it");
    let orders = orders.as_ref().ok_or_else(gone)?;
    orders.send((command, answer)).map_err(|_| gone())?;
    started.recv().map_err(|_| gone())?
}
