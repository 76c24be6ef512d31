//! Conversion of numbers of a response to numbers of Terraform.

use crate::terraform::Number;
use aliyun::rpc::number::ApiNumber;

impl From<ApiNumber> for Number {
    fn from(number: ApiNumber) -> Self {
        number.get().into()
    }
}
