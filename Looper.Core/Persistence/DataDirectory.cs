using Microsoft.Extensions.Options;

namespace Looper.Core.Persistence;

/// <summary>The one directory an installation writes to.</summary>
public sealed class DataDirectory(IOptions<LooperOptions> options)
{
    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.DataDirectory);

    /// <param name="name">A name of ours, never of a user.</param>
    public string File(string name) => System.IO.Path.Combine(Path, name);
}
