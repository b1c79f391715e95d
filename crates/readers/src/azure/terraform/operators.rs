//! Operators of expressions.

use hcl_edit::expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator};

use super::evaluate::Scope;
use super::value::{Known, Stuck, Value};

/// `!x` and `-x`.
pub(super) fn unary(operation: &UnaryOp, scope: &Scope<'_, '_>, depth: usize) -> Known {
    let value = scope.known(&operation.expr, depth)?;
    Ok(match operation.operator.value() {
        UnaryOperator::Not => Value::Bool(!value.as_bool()?),
        UnaryOperator::Neg => Value::Number(-value.as_number()?),
    })
}

/// An operation on two values.
pub(super) fn binary(operation: &BinaryOp, scope: &Scope<'_, '_>, depth: usize) -> Known {
    let operator = *operation.operator.value();
    let left = scope.known(&operation.lhs_expr, depth);
    let right = || scope.known(&operation.rhs_expr, depth);
    let number = |value: Known| value?.as_number();
    Ok(match operator {
        BinaryOperator::And | BinaryOperator::Or => {
            // One side can decide for both.
            let deciding = operator == BinaryOperator::Or;
            let sides = [left, right()].map(|side| side.and_then(|side| side.as_bool()));
            if sides.contains(&Ok(deciding)) {
                return Ok(Value::Bool(deciding));
            }
            let [left, right] = sides;
            left?;
            right?;
            Value::Bool(!deciding)
        }
        BinaryOperator::Eq => Value::Bool(left?.same(&right()?, scope.budget())?),
        BinaryOperator::NotEq => Value::Bool(!left?.same(&right()?, scope.budget())?),
        BinaryOperator::Less => Value::Bool(number(left)? < number(right())?),
        BinaryOperator::LessEq => Value::Bool(number(left)? <= number(right())?),
        BinaryOperator::Greater => Value::Bool(number(left)? > number(right())?),
        BinaryOperator::GreaterEq => Value::Bool(number(left)? >= number(right())?),
        BinaryOperator::Plus => finite(number(left)? + number(right())?)?,
        BinaryOperator::Minus => finite(number(left)? - number(right())?)?,
        BinaryOperator::Mul => finite(number(left)? * number(right())?)?,
        BinaryOperator::Div => finite(number(left)? / number(right())?)?,
        BinaryOperator::Mod => finite(number(left)? % number(right())?)?,
    })
}

fn finite(number: f64) -> Known {
    if number.is_finite() { Ok(Value::Number(number)) } else { Err(Stuck::Missing) }
}
