using System.Diagnostics.Metrics;

namespace Looper.Core;

/// <summary>The meter <c>Looper</c> of one installation; every instrument of the product is made on it.</summary>
public sealed class LooperMeter : IDisposable
{
    public const string Name = "Looper";

    public LooperMeter() => Meter = new(new MeterOptions(Name) { Scope = this });

    public Meter Meter { get; }

    public void Dispose() => Meter.Dispose();
}
