using System.Runtime.InteropServices;

namespace Looper.Testing.Servers;

/// <summary>How much of the processors a thread gets when others want them too; .NET's own priorities mean nothing on Linux.</summary>
public static partial class ThreadPriority
{
    private const int Process = 0, Self = 0, Lowest = 19; // of one thread, where Linux is concerned

    /// <summary>The calling thread runs where nothing else wants to.</summary>
    public static void YieldToOthers()
    {
        if (setpriority(Process, Self, Lowest) != 0) throw new InvalidOperationException("The priority of the thread could not be lowered.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, int who, int nice);
}
