using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>An if/else rule: a condition with two branches, or an arm.</summary>
/// <param name="Arm">The arm of a leaf; −1 for a condition.</param>
/// <param name="Column">The condition's column.</param>
/// <param name="Cut">A number column: true at or below the cut. A category: true where the code equals the cut. Missing is false.</param>
/// <param name="Then">Where true.</param>
/// <param name="Else">Where false.</param>
public sealed record PolicyTree(int Arm, int Column = -1, double Cut = double.NaN, PolicyTree? Then = null, PolicyTree? Else = null)
{
    /// <summary>Whether this is an arm.</summary>
    public bool IsLeaf => Arm >= 0;

    /// <summary>Leaves below, itself included.</summary>
    public int Leaves => IsLeaf ? 1 : Then!.Leaves + Else!.Leaves;

    /// <summary>The arm for a unit.</summary>
    /// <param name="row">Its features.</param>
    /// <param name="kinds">How each column is compared.</param>
    public int ArmOf(ReadOnlySpan<double> row, DataSet kinds)
    {
        var at = this;
        while (!at.IsLeaf) at = Holds(row[at.Column], at.Cut, kinds.Columns[at.Column].Kind) ? at.Then! : at.Else!;
        return at.Arm;
    }

    /// <summary>Whether a value meets a condition.</summary>
    public static bool Holds(double value, double cut, ColumnKind kind) => kind == ColumnKind.Category ? value == cut : value <= cut;
}
