using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Looper.Web.Api;

/// <summary>Threads of their own for the work on batches, one for each processor, which give way to all others. The thread pool takes what came first, so on it a call
/// by itself, and a refusal, would stand behind milliseconds of batches.</summary>
internal sealed partial class BatchThreads : TaskScheduler, IDisposable
{
    private const int OfThread = 0, Own = 0, Nice = 10;

    private readonly BlockingCollection<Task> _tasks = [];

    public BatchThreads()
    {
        for (var i = 0; i < Environment.ProcessorCount; i++) new Thread(Run) { IsBackground = true, Name = "batch", Priority = ThreadPriority.BelowNormal }.Start();
    }

    /// <summary>Runs it on one of them, and what follows its awaits too.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <summary>Ends the threads; what is still to follow runs on the thread pool.</summary>
    public void Dispose() => _tasks.CompleteAdding();

    protected override void QueueTask(Task task)
    {
        try
        {
            _tasks.Add(task);
        }
        catch (InvalidOperationException) when (_tasks.IsAddingCompleted)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => TryExecuteTask(task), null);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Run()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(OfThread, Own, Nice); // where a thread's own priority means nothing
        foreach (var task in _tasks.GetConsumingEnumerable()) TryExecuteTask(task);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);
}
