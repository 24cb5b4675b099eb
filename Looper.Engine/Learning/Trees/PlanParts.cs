namespace Looper.Core.Learning.Trees;

/// <summary>What a <see cref="ScoringPlan"/> consists of, to be written and read again.</summary>
/// <param name="Columns">What each column of a row puts into the slots.</param>
/// <param name="Slots">Bytes a row becomes.</param>
/// <param name="Variants">Values of the open column, or 1.</param>
/// <param name="Outputs">Tree t belongs to output t mod this.</param>
/// <param name="Open">The open column, or −1.</param>
/// <param name="Nodes">Left child in 32 bits, slot in 16, mark in 8, whether it is a stop in 8.</param>
/// <param name="Values">Of a leaf its value, of a split the share of weight that went left, of a stop its number.</param>
/// <param name="Roots">Where each tree begins.</param>
/// <param name="Onwards">Per stop and value of the open column, where to go on.</param>
/// <param name="Stops">Left child of each stop, and the share of weight that went there.</param>
internal sealed record PlanParts(
    SlotColumn[] Columns, int Slots, int Variants, int Outputs, int Open, ulong[] Nodes, double[] Values, int[] Roots, int[] Onwards, (int Left, double Share)[] Stops);
