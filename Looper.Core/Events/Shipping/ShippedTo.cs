namespace Looper.Core.Events.Shipping;

/// <summary>How far a journal has been read, by the numbers of its rows.</summary>
public readonly record struct ShippedTo(long Decisions, long Observations)
{
    /// <summary>Rows from here up to <paramref name="end"/>; numbers of removed rows count.</summary>
    public long RowsTo(ShippedTo end) => Math.Max(0, end.Decisions - Decisions) + Math.Max(0, end.Observations - Observations);
}
