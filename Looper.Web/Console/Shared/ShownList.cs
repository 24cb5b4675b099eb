using System.Collections.Immutable;

namespace Looper.Web.Console.Shared;

/// <summary>Edits of a list by what it holds when they arrive, not by what was on screen: the next edit can be sent before the page shows the last.</summary>
internal static class ShownList
{
    /// <summary>With one element edited as it is now; the same where it has gone meanwhile.</summary>
    public static ImmutableArray<T> Edited<T>(this ImmutableArray<T> list, int i, Func<T, T> edit) => i < list.Length ? list.SetItem(i, edit(list[i])) : list;

    /// <summary>Without one element of a list shown with so many; the same where its length is another by now, as at the second of two quick presses.</summary>
    public static ImmutableArray<T> Without<T>(this ImmutableArray<T> list, int i, int shown) => list.Length == shown ? list.RemoveAt(i) : list;

    /// <summary>Takes the last off, unless no more than the least are left by now.</summary>
    public static void RemoveLast<T>(this IList<T> list, int least = 0)
    {
        if (list.Count > least) list.RemoveAt(list.Count - 1);
    }
}
