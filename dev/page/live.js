// Counters that move while one watches.
//
// Each video has a private channel, `video:<id>`: joining needs a token, and the database decides
// who may, by the same rule that decides who sees the video. It carries counts, never people, and
// at most about one message a second however many people like. There is no replay: after joining,
// ask once for what was missed. Where the channel cannot be joined, asking now and then will do.

import { rpc, supabase } from './client.js';
import { Failure } from './errors.js';

export const topicOf = (videoId) => `video:${videoId}`;
export const EVENTS = { counts: 'counts', removed: 'removed' };

const ASK_EVERY_MS = 5_000;

// A topic is left for good before it may be joined again.
let left = Promise.resolve();

// Watch one video until the function this gives is called.
//   onCounts({ likes_count, comments_count, views_count }), onRemoved(),
//   onState('live' | 'asking')
export function watch(videoId, { onCounts, onRemoved, onState }) {
  let stopped = false;
  let channel = null;
  let timer = null;

  async function ask() {
    if (stopped || document.hidden) return;
    try {
      const video = await rpc('get_video', { video_id: videoId });
      if (!stopped) onCounts(video);
    } catch (error) {
      const gone = error instanceof Failure && error.slug.startsWith('video_');
      if (gone && !stopped) onRemoved();
      // Anything else may pass: it is asked again.
    }
  }

  function fallBack() {
    if (stopped || timer !== null) return;
    onState('asking');
    timer = setInterval(ask, ASK_EVERY_MS);
  }

  function joined() {
    clearInterval(timer);
    timer = null;
    onState('live');
    ask();
  }

  left.then(() => {
    if (stopped) return;
    channel = supabase
      .channel(topicOf(videoId), { config: { private: true } })
      .on('broadcast', { event: EVENTS.counts }, ({ payload }) => !stopped && onCounts(payload))
      .on('broadcast', { event: EVENTS.removed }, () => !stopped && onRemoved())
      .subscribe((status) => {
        if (stopped) return;
        if (status === 'SUBSCRIBED') joined();
        // CHANNEL_ERROR, TIMED_OUT or CLOSED; supabase-js goes on trying by itself.
        else fallBack();
      });
  });

  return () => {
    stopped = true;
    clearInterval(timer);
    if (channel) left = supabase.removeChannel(channel).catch(() => {});
  };
}
