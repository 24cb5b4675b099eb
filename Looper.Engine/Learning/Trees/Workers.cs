namespace Looper.Core.Learning.Trees;

/// <summary>Independent tasks on a bounded number of threads. No result may depend on which thread ran what.</summary>
internal sealed class Workers(int threads, CancellationToken cancel)
{
    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancel };

    public CancellationToken Cancel => _options.CancellationToken;

    public void Each(int count, Action<int> task)
    {
        if (_options.MaxDegreeOfParallelism > 1 && count > 1)
        {
            Parallel.For(0, count, _options, task);
            return;
        }
        for (var i = 0; i < count; i++)
        {
            Cancel.ThrowIfCancellationRequested();
            task(i);
        }
    }

    /// <summary>Stretches of [0, count), long enough to be worth a task.</summary>
    public void Stretches(int count, Action<int, int> task)
    {
        const int Length = 32_768;
        if (count <= Length) task(0, count);
        else Each((count + Length - 1) / Length, s => task(s * Length, Math.Min(count, (s + 1) * Length)));
    }
}
