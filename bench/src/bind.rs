//! Writes the probe's bind and reads it again, as often as asked; the peer does the same in `rpc.sh`.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use rpc::pdu::Pdu;
use rpc::probe::kms_bind;

pub fn run(count: &str) -> Result<(), Box<dyn Error>> {
    let count: u32 = count.parse()?;
    let begin = Instant::now();
    for call in 0..count {
        let bytes = black_box(kms_bind(call)).write().ok_or("the bind can't be written")?;
        let read = Pdu::read(black_box(&bytes))?;
        assert_eq!(black_box(read).header.call_id, call);
    }
    println!("{}", begin.elapsed().as_secs_f64() / f64::from(count));
    Ok(())
}
