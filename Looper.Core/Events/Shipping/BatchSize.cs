namespace Looper.Core.Events.Shipping;

/// <summary>How many events go into the next batch: as many as may, and fewer after a failure, since a slow server may take a small one in time where it
/// never ends a large one.</summary>
internal sealed class BatchSize
{
    private const int Least = 100;

    private readonly int _most;

    public BatchSize(int most) => Rows = _most = most;

    public int Rows { get; private set; }

    public void Failed() => Rows = Math.Max(Math.Min(_most, Least), Rows / 4);

    public void Sent() => Rows = (int)Math.Min(_most, Rows * 2L);
}
