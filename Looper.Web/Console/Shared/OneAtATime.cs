namespace Looper.Web.Console.Shared;

/// <summary>Does what a button asks for once at a time: the second of two quick presses, sent before the page could show the first, does nothing.</summary>
public sealed class OneAtATime
{
    private bool _isOver;

    public bool IsBusy { get; private set; }

    public async Task RunAsync(Func<Task> work)
    {
        if (IsBusy || _isOver) return;
        IsBusy = true;
        try
        {
            await work();
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>It is done for good: the page is being left for what it made.</summary>
    public void End() => _isOver = true;
}
