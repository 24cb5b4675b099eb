namespace Looper.Core.Experiments;

/// <summary>The sums behind a stored report, in a row of their own because only another baseline reads them.</summary>
public sealed class ReportMoments
{
    public Guid ReportId { get; init; }

    /// <summary>A <see cref="ReportSumsFile"/>.</summary>
    public byte[] Content { get; init; } = [];
}
