// One video on the screen: its picture, its words, its counters and its buttons.

import { rpc } from './client.js';
import { announce, say, trying } from './notice.js';
import { expiry, plural, short } from './words.js';

const template = document.querySelector('#card');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const VIEW_AFTER_MS = 2_000;
const EXPIRY_EVERY_MS = 1_000;

// One switch for all videos, as phones have it. Browsers let only silent videos start alone.
let soundOn = false;

export class Card {
  // actions: onComments(card), onDelete(card), onRemoved(card)
  constructor(video, actions) {
    this.video = video;
    this.actions = actions;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.player = this.element.querySelector('video');
    this.element.inert = true;
    this.#fill();
    this.#listen();
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }

  get name() {
    return `${this.video.title ?? 'A video'} by ${this.video.users.username}`;
  }

  #fill() {
    const { video } = this;
    this.element.id = `video-${video.id}`;
    this.element.setAttribute('aria-label', this.name);
    // Text of people goes in as text, never as HTML.
    this.#find('.who').textContent = `@${video.users.username}`;
    this.#find('.title').textContent = video.title ?? '';
    this.#find('.description').textContent = video.description ?? '';
    this.player.poster = video.thumbnail_url ?? '';
    this.player.setAttribute('aria-label', this.name);
    this.#find('.expiry').dateTime = video.expires_at;
    this.setCounts(video);
    this.tellExpiry();
  }

  #listen() {
    this.#find('.like').addEventListener('click', () => trying(() => this.like()));
    this.#find('.comment').addEventListener('click', () => this.actions.onComments(this));
    this.#find('.delete').addEventListener('click', () => this.actions.onDelete(this));
    this.#find('.sound').addEventListener('click', () => this.toggleSound());
    this.#find('.play').addEventListener('click', () => this.togglePlay());
    this.player.addEventListener('click', () => this.togglePlay());
    this.player.addEventListener('play', () => this.#showPlaying(true));
    this.player.addEventListener('pause', () => this.#showPlaying(false));
    // The browser asks for ranges of the file as it needs them, at most once a whole.
    this.player.addEventListener('error', () => this.#couldNotPlay());
  }

  // --- coming and going ---------------------------------------------------------------------

  // Only videos close to the one on the screen have their file: a phone's memory is small.
  load() {
    if (!this.player.src) this.player.src = this.video.video_url;
  }

  unload() {
    if (!this.player.src) return;
    this.player.removeAttribute('src');
    this.player.load();
  }

  enter(me) {
    this.element.inert = false;
    this.#find('.delete').hidden = me === null || me.id !== this.video.user_id;
    this.load();
    this.showSound();
    this.#showPlaying(false);
    // Who asks for less motion presses play.
    if (!calm.matches) this.play();
    this.viewTimer = setInterval(() => this.#countView(), VIEW_AFTER_MS);
    this.expiryTimer = setInterval(() => this.tellExpiry(), EXPIRY_EVERY_MS);
    this.tellExpiry();
  }

  leave() {
    clearInterval(this.viewTimer);
    clearInterval(this.expiryTimer);
    this.player.pause();
    this.element.inert = true;
  }

  // --- playing ------------------------------------------------------------------------------

  async play() {
    try {
      await this.player.play();
    } catch {
      // Refused by the browser, or paused meanwhile: the button stays there to be pressed.
      this.#showPlaying(!this.player.paused);
    }
  }

  togglePlay() {
    if (this.player.paused) this.play();
    else this.player.pause();
  }

  toggleSound() {
    soundOn = !soundOn;
    this.showSound();
  }

  showSound() {
    this.player.muted = !soundOn;
    const button = this.#find('.sound');
    button.setAttribute('aria-pressed', String(soundOn));
    button.querySelector('use').setAttribute('href', soundOn ? '#loud' : '#mute');
  }

  #showPlaying(playing) {
    this.element.classList.toggle('playing', playing);
    this.#find('.play').setAttribute('aria-label', playing ? 'Pause' : 'Play');
  }

  #couldNotPlay() {
    if (!this.player.getAttribute('src')) return;
    this.element.classList.add('broken');
    if (!this.element.inert) say('This video cannot be played here.');
  }

  // Counted once per person and half hour, whatever we ask; own views never are. A view is
  // nothing to bother anybody with, so a failure is let go.
  #countView() {
    if (this.player.currentTime === 0 || this.player.paused) return;
    clearInterval(this.viewTimer);
    rpc('record_view', { video_id: this.video.id }).catch(() => {});
  }

  // --- counters -----------------------------------------------------------------------------

  // Takes a whole video, or what a channel says: counts only.
  setCounts(counts) {
    for (const name of ['likes_count', 'comments_count', 'views_count', 'liked_by_me']) {
      if (counts[name] !== undefined) this.video[name] = counts[name];
    }
    const { likes_count, comments_count, views_count, liked_by_me } = this.video;
    const like = this.#find('.like');
    like.setAttribute('aria-pressed', String(liked_by_me));
    like.setAttribute('aria-label', `Like, ${plural(likes_count, 'like')}`);
    like.querySelector('.count').textContent = short(likes_count);
    const comment = this.#find('.comment');
    comment.setAttribute('aria-label', `Comments, ${plural(comments_count, 'comment')}`);
    comment.querySelector('.count').textContent = short(comments_count);
    this.#find('.views').textContent = plural(views_count, 'view');
  }

  // What a channel, or asking, says meanwhile. While a like is on its way ours is newer.
  hear({ liked_by_me, likes_count, ...others }) {
    this.setCounts(this.sending ? others : { liked_by_me, likes_count, ...others });
  }

  // Shown at once, then as the database has it; put back when it refuses. It sets a state and
  // does not toggle, so sending it twice does no harm. However fast it is pressed, one call is
  // under way, and the last wish is sent last.
  like() {
    const { liked_by_me, likes_count } = this.video;
    this.wanted = !liked_by_me;
    this.confirmed ??= { liked_by_me, likes_count };
    this.setCounts({ liked_by_me: this.wanted, likes_count: likes_count + (this.wanted ? 1 : -1) });
    this.sending ??= this.#sendLike().finally(() => (this.sending = this.confirmed = null));
    return this.sending;
  }

  async #sendLike() {
    try {
      let liked;
      do {
        liked = this.wanted;
        const said = await rpc('like_video', { video_id: this.video.id, liked });
        this.confirmed = { liked_by_me: said.liked, likes_count: said.likes_count };
      } while (this.wanted !== liked);
      announce(liked ? 'Liked' : 'Not liked any more');
    } finally {
      this.setCounts(this.confirmed);
    }
  }

  // --- age ----------------------------------------------------------------------------------

  // The database hides a video at this very second; the page need not ask to know.
  tellExpiry() {
    this.#find('.expiry').textContent = expiry(this.video.expires_at);
    if (Date.parse(this.video.expires_at) <= Date.now()) this.actions.onRemoved(this);
  }
}
