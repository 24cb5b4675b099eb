namespace Looper.Core.Serving;

/// <summary>Holds the snapshot that serves. A decision reads it once; publishing is one volatile write.</summary>
public sealed class DecisionEngine
{
    private ServingSnapshot _current = ServingSnapshot.Empty;

    public ServingSnapshot Current => Volatile.Read(ref _current);

    public void Publish(ServingSnapshot next) => Volatile.Write(ref _current, next);
}
