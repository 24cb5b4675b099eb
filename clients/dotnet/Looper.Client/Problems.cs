namespace Looper.Client;

/// <summary>Tells the product what went wrong, and never lets the telling go wrong.</summary>
internal sealed class Problems(Action<Problem>? tell)
{
    public void Say(ProblemKind kind, string? message)
    {
        if (message is null) return;
        try
        {
            tell?.Invoke(new(kind, message));
        }
        catch (Exception)
        {
            // the product's own log failing is no reason to fail the product
        }
    }
}
